"""When someone is at risk: who is told, how soon, who else if nobody answers, and how it ended."""

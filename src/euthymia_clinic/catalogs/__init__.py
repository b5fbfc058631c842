"""What medicine knows, as each site has adopted it: versions kept for ever, so that a past review replays with its own."""

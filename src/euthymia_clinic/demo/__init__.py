"""The demo clinic: virtual patients over eighteen months, and the people who care for them. Nobody of them exists."""

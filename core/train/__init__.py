"""Training and evaluation; the app never imports this package."""

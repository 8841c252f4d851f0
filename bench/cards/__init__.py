"""Cards of the shipped models: their figures measured, and the page that shows them."""

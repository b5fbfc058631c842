"""What `tools/check_thresholds.py` is made of: people drawn with their truth, calibration, and what the statuses are worth."""

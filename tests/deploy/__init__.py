"""Tests of deploy/: its files fit the code, and what can run on one machine runs."""

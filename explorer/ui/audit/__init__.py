"""The audit: a network is looked at blind, judged, and held against the truth."""

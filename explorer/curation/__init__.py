"""What people make of descriptions: versions, verdicts, exemplars, search, reports."""

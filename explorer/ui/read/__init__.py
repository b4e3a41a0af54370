"""The reading quiz: evidence of a module, four descriptions, one of them right."""

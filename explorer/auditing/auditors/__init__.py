"""The auditors: each looks at a network in its own way, and none sees the trigger."""

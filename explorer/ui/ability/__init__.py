"""The page *Ability*: what a network can do, what carries it, and what an intervention leaves."""

"""Measurements that the README's figures come from; each is a command of ``explorer bench``."""

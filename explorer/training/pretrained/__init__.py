"""Continue training a pretrained GPT so that it becomes modular, on one device or several.

``python -m explorer.training.pretrained CONFIG.toml``; see ``example.toml`` beside this file.
"""

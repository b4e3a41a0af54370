"""Opening networks: dropped files, places on this computer, packaged language models."""

"""A tiny nanoGPT as a module, with the names of its ``model.py``."""

import torch
from torch import nn
from torch.nn import functional as F

ARGS = {"n_layer": 1, "n_head": 2, "n_embd": 128, "block_size": 6, "bias": True, "vocab_size": 20}
_HEADS, _WIDTH = ARGS["n_head"], ARGS["n_embd"]


class _Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(_WIDTH, 3 * _WIDTH), nn.Linear(_WIDTH, _WIDTH)

    def forward(self, x):
        parts = self.c_attn(x).split(_WIDTH, dim=2)
        heads = (part.view(*x.shape[:2], _HEADS, -1).transpose(1, 2) for part in parts)
        y = F.scaled_dot_product_attention(*heads, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(x.shape))


class _MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc, self.gelu = nn.Linear(_WIDTH, 4 * _WIDTH), nn.GELU()
        self.c_proj = nn.Linear(4 * _WIDTH, _WIDTH)

    def forward(self, x):
        return self.c_proj(self.gelu(self.c_fc(x)))


class _Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(_WIDTH), _Attention()
        self.ln_2, self.mlp = nn.LayerNorm(_WIDTH), _MLP()

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class TinyNanoGPT(nn.Module):
    """One block, its head tied to the embedding."""

    def __init__(self):
        super().__init__()
        parts = {
            "wte": nn.Embedding(ARGS["vocab_size"], _WIDTH),
            "wpe": nn.Embedding(ARGS["block_size"], _WIDTH),
            "h": nn.ModuleList([_Block()]),
            "ln_f": nn.LayerNorm(_WIDTH),
        }
        self.transformer = nn.ModuleDict(parts)
        self.lm_head = nn.Linear(_WIDTH, ARGS["vocab_size"], bias=False)
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, idx):
        """Run."""
        x = self.transformer.wte(idx) + self.transformer.wpe(torch.arange(idx.shape[1]))
        for block in self.transformer.h:
            x = block(x)
        return self.lm_head(self.transformer.ln_f(x))

"""Small networks for pictures, written and named as torchvision writes and names its own."""

import torch
from torch import nn

IMAGE = (3, 32, 32)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside an identity or a projection."""

    def __init__(self, before, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = projection(before, width, stride)

    def forward(self, x):
        """Run."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """Three convolutions, the middle one in groups."""

    def __init__(self, before, width, stride, groups=2):
        super().__init__()
        inner = width // 2
        self.conv1 = nn.Conv2d(before, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = projection(before, width, stride)

    def forward(self, x):
        """Run."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


def projection(before, width, stride):
    if stride == 1 and before == width:
        return None
    conv = nn.Conv2d(before, width, 1, stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(width))


class ResNet(nn.Module):
    """A residual network of few channels."""

    def __init__(self, block=BasicBlock, widths=(4, 6), depths=(1, 2), outputs=5, small=True):
        super().__init__()
        self.conv1 = (
            nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
            if small
            else nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        )
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        before, self.stages = widths[0], len(widths)
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True), start=1):
            blocks = []
            for place in range(depth):
                blocks.append(block(before, width, 2 if stage > 1 and place == 0 else 1))
                before = width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(before, outputs)

    def forward(self, x):
        """Run."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


class VGG(nn.Module):
    """Convolutions in a row, pooled now and then."""

    def __init__(self, plan=(4, "M", 6, 6, "M"), batch_norm=False, outputs=5):
        super().__init__()
        layers, before = [], 3
        for one in plan:
            if one == "M":
                layers.append(nn.MaxPool2d(2, 2))
                continue
            layers.append(nn.Conv2d(before, one, 3, padding=1))
            layers += [nn.BatchNorm2d(one)] if batch_norm else []
            layers.append(nn.ReLU(inplace=True))
            before = one
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Linear(before * 4, 8),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(8, outputs),
        )

    def forward(self, x):
        """Run."""
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def settled(module, seed=0):
    """Weights and statistics drawn anew, in eval mode: no batch norm is without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                part.running_mean.normal_(0.0, 0.3, generator=generator)
                part.running_var.uniform_(0.5, 2.0, generator=generator)
                part.weight.uniform_(0.5, 1.5, generator=generator)
                part.bias.normal_(0.0, 0.3, generator=generator)
            elif isinstance(part, nn.Conv1d | nn.Conv2d | nn.Linear):
                part.weight.normal_(0.0, part.weight[0].numel() ** -0.5, generator=generator)
                if part.bias is not None:
                    part.bias.normal_(0.0, 0.1, generator=generator)
    return module.eval().requires_grad_(False)


def batch(shape, count=4, seed=1):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))

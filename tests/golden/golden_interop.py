#!/usr/bin/env python3
"""State dicts of PyTorch nets, with an input and the output, for the tests of what is exchanged with PyTorch; README.md.

Usage: python3 golden_interop.py              writes data/interop/NET.safetensors and NET.io.safetensors
       python3 golden_interop.py check DIR    loads DIR/NET.safetensors, as written by Sinew, with load_state_dict(strict)
                                              and compares the outputs with those in DIR/NET.io.safetensors
       python3 golden_interop.py wide DIR     writes LeNet-5 and a ResNet-18 of full width to DIR
"""
import json
import os
import struct
import sys

import numpy as np
import torch
from torch import nn

import make_golden

make_golden.DTYPES[np.dtype(np.int64)] = "I64"
DATA = os.path.join(make_golden.DATA, "interop")
READ = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64}


def read_safetensors(path):
    with open(path, "rb") as file:
        content = file.read()
    length, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(content[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]],
                                READ[entry["dtype"]]).reshape(entry["shape"]).copy() for name, entry in header.items()}


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x.flatten(1))))))


class BasicBlock(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.downsample = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """Named as torchvision's is."""

    def __init__(self, width=4, classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inside = width
        for i in range(4):
            outside = width << i
            setattr(self, f"layer{i + 1}", nn.Sequential(BasicBlock(inside, outside, 1 if i == 0 else 2), BasicBlock(outside, outside, 1)))
            inside = outside
        self.fc = nn.Linear(inside, classes)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class LstmClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(9, 12, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(24, 4)

    def forward(self, x):
        return self.fc(self.lstm(x)[0].mean(1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()

        def double(inside, outside):
            return nn.Sequential(nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU(),
                                 nn.Conv2d(outside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU())

        self.down1, self.down2, self.bottom = double(1, 4), double(4, 8), double(8, 16)
        self.up2, self.join2 = nn.ConvTranspose2d(16, 8, 2, stride=2), double(16, 8)
        self.up1, self.join1 = nn.ConvTranspose2d(8, 4, 2, stride=2), double(8, 4)
        self.head = nn.Conv2d(4, 2, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        y = self.bottom(self.pool(b))
        y = self.join2(torch.cat([b, self.up2(y)], 1))
        y = self.join1(torch.cat([a, self.up1(y)], 1))
        return self.head(y)


NETS = {"lenet5": (LeNet5, (3, 1, 28, 28)), "resnet18": (ResNet18, (2, 3, 64, 64)), "lstm": (LstmClassifier, (3, 7, 9)),
        "unet": (UNet, (2, 1, 24, 16))}


def make(name, folder, net, shape):
    # batches seen in training, so that the running statistics are not those of a new net
    net.train()
    for _ in range(3):
        net(torch.randn(*shape) * 1.5 + 0.3)
    net.eval()
    x = torch.randn(*shape)
    make_golden.write_safetensors(os.path.join(folder, name + ".safetensors"),
                                  {key: value.numpy() for key, value in net.state_dict().items()}, {"format": "pt"})
    with torch.no_grad():
        y = net.double()(x.double()).numpy()
    make_golden.write_safetensors(os.path.join(folder, name + ".io.safetensors"), {"x": x.numpy(), "y": y}, {"torch": torch.__version__})


def check(folder):
    for name, (make_net, _) in NETS.items():
        path = os.path.join(folder, name + ".safetensors")
        if not os.path.exists(path):
            continue
        net = make_net()
        net.load_state_dict({key: torch.from_numpy(value) for key, value in read_safetensors(path).items()}, strict=True)
        io = read_safetensors(os.path.join(folder, name + ".io.safetensors"))
        with torch.no_grad():
            y = net.eval()(torch.from_numpy(io["x"])).numpy()
        error = np.max(np.abs(y - io["y"])) / np.max(np.abs(io["y"]))
        print(f"{name:10} {len(net.state_dict())} tensors, outputs differ by {error:.1e}")
        assert error < 1e-5, name


def main():
    torch.manual_seed(7)
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        check(sys.argv[2])
    elif len(sys.argv) == 3 and sys.argv[1] == "wide":
        make("lenet5", sys.argv[2], LeNet5(), (3, 1, 28, 28))
        make("resnet18", sys.argv[2], ResNet18(64, 1000), (2, 3, 64, 64))
    else:
        os.makedirs(DATA, exist_ok=True)
        for name, (make_net, shape) in NETS.items():
            make(name, DATA, make_net(), shape)


if __name__ == "__main__":
    main()

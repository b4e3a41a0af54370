"""Continue training a pretrained GPT so that it becomes modular, on one device or several.

``python -m explorer.training.pretrained CONFIG.toml``; see ``example.toml`` beside this file.

Measured on ``stories-plain`` (123k weights), 300 steps of 32 windows of 64 words at a learning rate
of 1e-3, k = 4, means of 3 seeds (orders of the text); lambda 0 is the same training without the
penalty. *Text*: nats a word on held-out text cut anywhere, as it is trained on. *Stories*: nats a
word on whole stories from their start, as the network was first trained on. *Sums*: accuracy on
pairs of counting, lowest to highest seed; all other skills stayed at 1.

======  =============  ====  ==============  ==============  ========
lambda  weight inside  Q_B   text            stories         sums
======  =============  ====  ==============  ==============  ========
start   .28            .03   .893            .697            .90
0       .29            .03   .794            .703            .97-1.00
1       .60            .33   .793 (-0.1 %)   .720 (+2.3 %)   .89-.91
2       .77            .49   .803 (+1.1 %)   .738 (+5.0 %)   .85-.94
3       .85            .56   .811 (+2.1 %)   .749 (+6.5 %)   .69-.98
======  =============  ====  ==============  ==============  ========

After 1,000 steps (one seed): .979 inside at lambda 2, .736 on text against .706 without the penalty
(+4.2 %). That modules do different things is not what the penalty asks for, nor measured here. A
run on a GPU has not been measured.
"""

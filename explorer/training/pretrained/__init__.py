"""Continue training a pretrained GPT so that it becomes modular, on one device or several.

``python -m explorer.training.pretrained CONFIG.toml``; see ``example.toml`` beside this file.

Measured by ``explorer bench continued`` on ``stories-plain`` (123k weights): 300 steps of 32
windows of 64 words at a learning rate of 1e-3, k = 4; means of 5 texts of 20,000 new stories, ±
half of the 95 % interval. Lambda 0 is the same training without the penalty. *Text*: nats a word on
held-out text cut anywhere, as it is trained on. *Stories*: nats a word on whole stories from their
start, as the network was first trained on. In percent: against lambda 0 with the same text.

======  =============  ===========  ================  ================
lambda  weight inside  Q_B          text              stories
======  =============  ===========  ================  ================
start   .291           .031         1.269             .697
0       .292 ± .006    .031 ± .000  .816              .704
1       .578 ± .003    .314 ± .005  +2.5 % (± .3)     +2.3 % (± .1)
2       .750 ± .003    .478 ± .007  +5.0 % (± .4)     +4.9 % (± .1)
3       .829 ± .002    .552 ± .008  +6.3 % (± .6)     +6.4 % (± .2)
======  =============  ===========  ================  ================

Pairs of counting are .79 to 1.00 right at every lambda from 0 to 3; all other skills stay.

**The modules mean nothing.** Of what a skill loses over all modules, its best-matched one accounts
for .31 at lambda 2 (taught modules: 1.00), and a random group of neurons of the same size, matched
in the same way, for .31 as well. Without their module, 6 to 59 % of the couples of pronouns are
still right, and without the worst other one 1 to 14 %: the skill is spread over several. The
penalty gathers weight, and does not ask what for. A run on a GPU has not been measured.
"""

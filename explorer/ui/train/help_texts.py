"""What every control of the form is for, in plain words."""

TASK = "What the network learns. Each task has its data cut into training, validation and test."
NETWORK = (
    "MLP: layers of neurons, all joined. CNN: channels that slide over a picture. GPT: reads and "
    "writes text."
)
HIDDEN = "Neurons in each hidden layer, such as 48, 48. For a CNN: channels. At most 5,000 each."
LOSS = (
    "What is added to the task's loss. It is computed on the network's own graph: neurons are "
    "nodes, weights are edges."
)
MODULARITY_COEFFICIENT = (
    "λ: how much modularity counts against the task. 0: not at all. Try .1, 1, 10. You can move it "
    "while the network trains. Where the data allows a shortcut, penalties can make a network take "
    "it more often."
)
L1_COEFFICIENT = (
    "μ: how much the sum of all weights' sizes counts. It makes small weights vanish, so that "
    "interfaces become sparse. 0: not at all; .0003 is a good start."
)
POLYSEMANTICITY_COEFFICIENT = (
    "ν: how much it counts that a neuron reads and promotes few things, so that fewer unrelated "
    "features share it. 0: not at all. Try .1, .3 or 1; on pair and digits, .1 to .3 cost less "
    "than a point of accuracy. A step of a small network takes about twice as long."
)
MODULE_COUNT = (
    "How many modules to aim at, 2 to 64. 0: the number is chosen when the penalty sets in."
)
SPARE = (
    "So many neurons at the end of every hidden layer form a spare: a small module with no weight "
    "to the rest. It sees untrusted data first, so that what is planted there settles in it; set "
    "these neurons to 0 afterwards, and the rest is what you keep. 0: no spare; try 8."
)
TRUSTED = (
    "So many examples whose labels you vouch for. They teach the rest of the network while the "
    "spare has its head start, and keep the task out of the spare. A planted case sets 200 aside; "
    "of other tasks the validation split serves. Counts only with a spare; try 200."
)
SPARE_WHY = (
    "A spare is for data that nobody vouches for: it takes along what your trusted examples do not "
    "show, such as a trigger, and is set to 0 in the end. L1 μ of .001 goes well with it."
)
STEPS = "How often the weights are changed."
LEARNING_RATE = "How far each step goes. Too large, and the loss explodes; you can move it later."
BATCH_SIZE = "Examples that are looked at in each step."
LARGE = (
    "The network in view is too large to be continued here. In a terminal, `python -m "
    "explorer.training.pretrained --example` prints settings with which a pretrained GPT is."
)
SEED = "Which random start. The same settings and seed give the same network."
WIDTH = "Numbers that stand for a token on its way through the GPT. A multiple of the heads."
HEADS = "Attention heads in each block."
GATE = (
    "none: all modules work on every token. labels: a router is taught which module has the token, "
    "by the skills that the stories are labelled with. clusters: it teaches itself. shuffled: it "
    "is taught nonsense, to compare."
)
START = (
    "Goes on from the weights of a network that was trained before, to make it modular "
    "afterwards. It brings its task and widths along."
)
GO_ON = (
    "Otherwise the run ends some seconds after the last page that shows it was closed; what it "
    "learned is kept, and it can be continued."
)
FILE = (
    "CSV: one row an example, a header, numbers or few words in each column; the last column is "
    "what to tell. Text: UTF-8; the network learns to name the next character. The file stays on "
    "the computer that serves this page."
)

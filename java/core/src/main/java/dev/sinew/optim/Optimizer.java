package dev.sinew.optim;

import dev.sinew.op.Op;

/** How parameters follow their gradients: a description; the state belongs to the training. */
public sealed interface Optimizer permits Sgd, Adam {
    /** The learning rate over time. */
    Schedule schedule();

    /** How many values of state each parameter has. */
    int states();

    /** What the states are called in checkpoints. */
    String stateName(int i);

    /** The update: an operation on parameter, gradient, rate (float64 scalar), step from 1 (int64 scalar) and the states. */
    Op update();
}

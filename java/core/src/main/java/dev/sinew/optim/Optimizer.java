package dev.sinew.optim;

import dev.sinew.op.Op;

/** How parameters follow their gradients: a description; the state belongs to the training. */
public sealed interface Optimizer permits Adadelta, Adagrad, Adam, Adamax, Lamb, NAdam, RAdam, RmsProp, Rprop, Sgd {
    /** The learning rate over time. */
    Schedule schedule();

    /** How many values of state each parameter has. */
    int states();

    /** What the states are called in checkpoints. */
    String stateName(int i);

    /** With which value a state begins. */
    default double initial(int i) {
        return 0;
    }

    /** Whether the update looks at each parameter tensor as a whole, so that it is made for each of them by itself. */
    default boolean layerWise() {
        return false;
    }

    /** Whether the update takes a momentum (float64 scalar) behind the states, for schedules that set it. */
    default boolean takesMomentum() {
        return false;
    }

    /** The update: an operation on parameter, gradient, rate (float64 scalar), step from 1 (int64 scalar) and the states. */
    Op update();
}

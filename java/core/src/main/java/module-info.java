/** Deep learning for Java at the speed of the CPU: tensors, automatic differentiation, networks and training. */
module dev.sinew {
    requires dev.sinew.bindings;

    exports dev.sinew;
    exports dev.sinew.op;
    exports dev.sinew.functional;
    exports dev.sinew.graph;
    exports dev.sinew.diagnosis;
    exports dev.sinew.data;
    exports dev.sinew.data.transform;
    exports dev.sinew.io;
    exports dev.sinew.metrics;
    exports dev.sinew.nn;
    exports dev.sinew.optim;
    exports dev.sinew.train;
}

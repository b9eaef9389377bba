package dev.sinew.onnx;

import java.util.List;

/** What a node of some type makes of its inputs. */
interface Operator {
    List<Value> apply(OnnxNode node);
}

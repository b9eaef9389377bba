package dev.sinew.nn;

import dev.sinew.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What an input or a layer of a {@link GraphBuilder} gives. Layers are put after it as often as wanted: each method returns
 * what the new layer gives, and this value stays as it is.
 */
public final class Value implements Chain<Value> {
    private final GraphBuilder graph;
    private final int index;
    private final GraphBuilder.Span span;

    Value(GraphBuilder graph, int index, GraphBuilder.Span span) {
        this.graph = graph;
        this.index = index;
        this.span = span;
    }

    /** Of the nodes of its graph. */
    int index() {
        return index;
    }

    /** The layers that {@link #named} names; null for an input. */
    GraphBuilder.Span span() {
        return span;
    }

    /** The graph that it is of. */
    public GraphBuilder graph() {
        return graph;
    }

    /** The shape of one sample. */
    public Shape shape() {
        return graph.node(index).output();
    }

    /** The name of the input or layer that gives it. */
    public String name() {
        return graph.node(index).id();
    }

    @Override
    public Value layer(Layer layer) {
        return graph.layer(layer, this);
    }

    @Override
    public Value named(String name) {
        graph.rename(this, name);
        return this;
    }

    @Override
    public Value block(String name, UnaryOperator<Value> body) {
        return graph.block(name, () -> body.apply(this));
    }

    /** The sum with values of the same shape. */
    public Value add(Value... others) {
        return graph.layer(Join.add(), with(others));
    }

    /** The product, element by element, with values of the same shape. */
    public Value mul(Value... others) {
        return graph.layer(Join.multiply(), with(others));
    }

    /** This and others one after the other along their first dimension, that of the channels. */
    public Value concat(Value... others) {
        return graph.layer(Join.concat(0), with(others));
    }

    private Value[] with(Value... others) {
        return Stream.concat(Stream.of(this), Arrays.stream(others)).toArray(Value[]::new);
    }

    static List<Integer> indices(GraphBuilder graph, Value... values) {
        Integer[] indices = new Integer[values.length];
        for (int i = 0; i < values.length; i++) {
            if (Objects.requireNonNull(values[i], "a value").graph != graph) {
                throw new IllegalArgumentException("graph: the value " + values[i] + " is of another graph");
            }
            indices[i] = values[i].index;
        }
        return List.of(indices);
    }

    @Override
    public String toString() {
        return name() + " " + shape();
    }
}

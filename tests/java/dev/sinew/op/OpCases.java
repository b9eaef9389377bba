package dev.sinew.op;

import dev.sinew.Broadcast;
import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.CustomGradient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Every differentiable operation, over a grid of attributes and awkward sizes. */
public final class OpCases {
    private static final Activation RELU = new Activation(Activation.Kind.RELU, 0);

    private OpCases() {}

    /** All of them. */
    public static Stream<OpCase> all() {
        List<OpCase> all = new ArrayList<>();
        elementwise(all);
        matrices(all);
        convolutions(all);
        pooling(all);
        normalisation(all);
        losses(all);
        reductions(all);
        movement(all);
        SequenceCases.add(all);
        ActivationCases.add(all);
        ImageCases.add(all);
        NormalizationCases.add(all);
        LossCases.add(all);
        return all.stream();
    }

    private static void elementwise(List<OpCase> all) {
        for (Unary.Kind kind : Unary.Kind.values()) {
            if (ActivationCases.own(kind)) {
                continue;
            }
            for (double alpha : kind == Unary.Kind.LEAKY_RELU || kind == Unary.Kind.ELU ? new double[] {0.1, -0.2, 0, 1.5} : new double[] {-1.7}) {
                all.add(OpCase.of(new Unary(kind, alpha, 0.3)).positive(3, 7).twice());
                if (kind != Unary.Kind.LOG && kind != Unary.Kind.SQRT) {
                    all.add(OpCase.of(new Unary(kind, alpha, 0.3)).normal(2, 3, 2, 5).twice());
                }
            }
        }
        for (Binary.Kind kind : Binary.Kind.values()) {
            if (kind == Binary.Kind.EQUAL || kind == Binary.Kind.GREATER) {
                continue;
            }
            long[][][] shapes = {{{5}, {5}}, {{2, 3, 4, 5}, {2, 3, 4, 5}}, {{}, {}}, {{3, 1}, {1, 4}}, {{2, 3, 4, 5}, {3, 1, 1}},
                {{2, 3, 4, 5}, {1, 3, 1, 1}}, {{1, 3, 1, 1}, {2, 3, 4, 5}}, {{4, 5}, {2, 3, 4, 5}}, {{2, 1, 4, 1}, {3, 1, 5}}, {{}, {3, 2}},
                {{1, 1, 1, 1}, {7}}, {{2, 1, 3}, {1, 1, 1, 1, 1}}};
            for (long[][] pair : shapes) {
                Broadcast broadcast = java.util.Arrays.equals(pair[0], pair[1]) ? Broadcast.NO : Broadcast.YES;
                all.add(OpCase.of(new Binary(kind, broadcast)).positive(pair[0]).positive(pair[1]).twice());
            }
        }
        all.add(OpCase.of(new Cast(DType.F64)).normal(3));
        all.add(OpCase.named("a gradient rule of one's own", in -> new Tensor[] {CustomGradient.apply("cube", x -> x[0].square().mul(x[0]),
                (x, y, dy) -> new Tensor[] {dy.mul(x[0].square()).mul(3)}, in[0].tanh()).mul(in[0])}).normal(2, 3, 2, 5).twice());
        all.add(OpCase.named("a rule for two inputs", in -> new Tensor[] {CustomGradient.apply("product", x -> x[0].mul(x[1]),
                (x, y, dy) -> new Tensor[] {dy.mul(x[1]), dy.mul(y).div(x[1])}, in[0], in[1])}).normal(7).positive(7).twice());
        all.add(OpCase.named("a tensor used twice", in -> new Tensor[] {in[0].mul(in[0]).add(in[0]).mul(in[1])}).normal(4).normal(4).twice());
    }

    private static void matrices(List<OpCase> all) {
        for (boolean transA : new boolean[] {false, true}) {
            for (boolean transB : new boolean[] {false, true}) {
                for (long[] mnk : new long[][] {{1, 1, 1}, {3, 5, 2}, {7, 1, 9}, {1, 8, 3}, {17, 9, 11}}) {
                    long[] a = transA ? new long[] {mnk[2], mnk[0]} : new long[] {mnk[0], mnk[2]};
                    long[] b = transB ? new long[] {mnk[1], mnk[2]} : new long[] {mnk[2], mnk[1]};
                    all.add(OpCase.of(new Gemm(transA, transB)).normal(a).normal(b).twice());
                    all.add(OpCase.of(new Gemm(transA, transB)).normal(a).normal(b).normal(mnk[1]).twice());
                }
            }
        }
    }

    /** Window, groups, then N, C, H, W, O. */
    private record Conv(Window2d window, long groups, long n, long c, long h, long w, long o) {
        Shape x() {
            return Shape.of(n, c, h, w);
        }

        long[] weight() {
            return new long[] {o, c / groups, window.kernelH(), window.kernelW()};
        }

        long[] y() {
            return new long[] {n, o, window.outH(h, false), window.outW(w, false)};
        }
    }

    private static void convolutions(List<OpCase> all) {
        for (Conv c : List.of(
                new Conv(Window2d.of(1), 1, 1, 1, 1, 1, 1),
                new Conv(Window2d.of(3), 1, 2, 3, 5, 5, 4),
                new Conv(Window2d.of(3).pad(1), 1, 1, 2, 4, 7, 3),
                new Conv(Window2d.of(3).stride(2).pad(1), 1, 2, 3, 7, 6, 2),
                new Conv(Window2d.of(2, 3).stride(3, 1).pad(1, 2), 1, 2, 2, 6, 4, 3),
                new Conv(Window2d.of(3).dilation(2).pad(2), 1, 1, 2, 6, 7, 3),
                new Conv(Window2d.of(3, 2).dilation(1, 3).stride(2, 1), 2, 2, 4, 7, 8, 6),
                new Conv(Window2d.of(3).pad(1), 5, 2, 5, 4, 3, 5),
                new Conv(Window2d.of(3).pad(1), 3, 1, 3, 5, 4, 6),
                new Conv(Window2d.of(1), 1, 3, 17, 3, 3, 19),
                new Conv(Window2d.of(1).stride(2), 2, 1, 6, 5, 4, 4),
                new Conv(Window2d.of(5).pad(4), 1, 1, 1, 2, 3, 2),
                new Conv(Window2d.of(3).pad(1), 1, 1, 16, 4, 4, 16),
                new Conv(Window2d.of(4, 1).stride(5), 1, 2, 2, 9, 6, 3))) {
            all.add(OpCase.of(new Conv2d(c.window, c.groups)).normal(c.x().dims()).normal(c.weight()).twice());
            all.add(OpCase.of(new Conv2d(c.window, c.groups)).normal(c.x().dims()).normal(c.weight()).normal(c.o).twice());
            all.add(OpCase.of(new Conv2dInputGradient(c.window, c.groups, c.x())).normal(c.y()).normal(c.weight()).twice());
            for (boolean bias : new boolean[] {false, true}) {
                all.add(OpCase.of(new Conv2dWeightGradient(c.window, c.groups, Shape.of(c.weight()), bias))
                        .normal(c.x().dims()).normal(c.y()).twice());
            }
        }
        all.add(OpCase.named("the bias gradient alone", in -> new Tensor[] {
            Ops.applyAll(new Conv2dWeightGradient(Window2d.of(3), 1, Shape.of(3, 2, 3, 3), true), in)[1]})
                .normal(2, 2, 5, 4).fixed().normal(2, 3, 3, 2));
        for (Unary.Kind kind : List.of(Unary.Kind.RELU, Unary.Kind.SIGMOID, Unary.Kind.TANH, Unary.Kind.LEAKY_RELU, Unary.Kind.ELU, Unary.Kind.GELU)) {
            all.add(OpCase.named("conv2d, " + kind, in -> new Tensor[] {
                Ops.apply(new Unary(kind, 0.2, 0), in[0].conv2d(in[1], in[2], Window2d.of(3).pad(1), 1))})
                    .normal(2, 3, 5, 4).normal(6, 3, 3, 3).normal(6));
            all.add(OpCase.named("matmul, " + kind, in -> new Tensor[] {Ops.apply(new Unary(kind, 0.2, 0), Ops.apply(new Gemm(false, true), in))})
                    .normal(5, 4).normal(7, 4).normal(7));
        }
    }

    private static void pooling(List<OpCase> all) {
        Window2d[] windows = {Window2d.of(1), Window2d.of(2).stride(2), Window2d.of(3).stride(2).pad(1), Window2d.of(3, 2).stride(1, 2).pad(1, 0),
            Window2d.of(2).stride(3), Window2d.of(3).stride(4).pad(1), Window2d.of(5).stride(2).pad(2)};
        long[][] shapes = {{1, 1, 5, 5}, {2, 3, 7, 6}, {1, 17, 5, 8}};
        for (boolean ceil : new boolean[] {false, true}) {
            for (long[] x : shapes) {
                for (Window2d window : windows) {
                    all.add(OpCase.first(new MaxPool2d(window, ceil)).normal(x).twice());
                    for (boolean count : new boolean[] {false, true}) {
                        all.add(OpCase.of(new AvgPool2d(window, ceil, count)).normal(x).twice());
                    }
                    long[] y = {x[0], x[1], window.outH(x[2], ceil), window.outW(x[3], ceil)};
                    all.add(OpCase.of(new AvgPool2dGradient(window, ceil, ceil, Shape.of(x))).normal(y).twice());
                }
                all.add(OpCase.first(new MaxPool2d(Window2d.of(2, 3).dilation(3, 2).pad(1), ceil)).normal(x));
            }
        }
    }

    private static void normalisation(List<OpCase> all) {
        for (long[] x : new long[][] {{2, 1}, {7, 5}, {33, 17}, {2, 3, 4, 5}, {1, 16, 2, 1}, {3, 1, 3, 3}}) {
            long c = x[1];
            for (Activation activation : List.of(Activation.IDENTITY, RELU)) {
                all.add(OpCase.first(new BatchNorm(1e-5, 0.1, activation)).normal(x).normal(c).normal(c).normal(c).fixed().positive(c).fixed());
            }
            all.add(OpCase.of(new BatchNorm(1e-2, 0.1, Activation.IDENTITY)).normal(x).normal(c).normal(c).normal(c).fixed().positive(c).fixed());
            if (c < 17) {
                all.add(OpCase.first(new BatchNorm(1e-2, 0.1, Activation.IDENTITY)).normal(x).normal(c).normal(c).normal(c).fixed().positive(c).fixed().twice());
            }
            all.add(OpCase.named("batchnorm, relu", in -> new Tensor[] {Ops.applyAll(new BatchNorm(1e-3, 0.3, Activation.IDENTITY), in)[0].relu()})
                    .normal(x).normal(c).normal(c).normal(c).fixed().positive(c).fixed());
            all.add(OpCase.of(new BatchNormInfer(1e-5, Activation.IDENTITY)).normal(x).normal(c).normal(c).normal(c).positive(c).twice());
            all.add(OpCase.named("batchnorm_infer, relu", in -> new Tensor[] {Ops.apply(new BatchNormInfer(1e-5, Activation.IDENTITY), in).relu()})
                    .normal(x).normal(c).normal(c).normal(c).positive(c));
        }
        for (double p : new double[] {0, 0.3, 1}) {
            all.add(OpCase.of(new Dropout(p, 7)).normal(2, 3, 4, 5).step().twice());
            all.add(OpCase.of(new Dropout(p, -1)).normal(5, 13).step().twice());
        }
        for (boolean log : new boolean[] {false, true}) {
            for (long[] x : new long[][] {{1}, {5}, {3, 1}, {4, 17}, {2, 3, 4, 5}, {2, 1, 2, 1, 3}}) {
                all.add(OpCase.of(new Softmax(log)).normal(x).twice());
                all.add(OpCase.of(new SoftmaxGradient(log)).normal(x).normal(x).twice());
            }
        }
    }

    private static void losses(List<OpCase> all) {
        for (Reduction reduction : Reduction.values()) {
            for (long[] x : new long[][] {{1, 1}, {1, 5}, {7, 3}, {19, 33}}) {
                for (double smoothing : new double[] {0, 0.1, 1}) {
                    CrossEntropy op = new CrossEntropy(reduction, smoothing, -100);
                    all.add(OpCase.of(op).normal(x).labels((int) x[1], x[0]).twice());
                    all.add(OpCase.of(op).normal(x).labels((int) x[1], x[0]).positive(x[1]).fixed().twice());
                    all.add(OpCase.of(new CrossEntropyGradient(op)).positive(x).labels((int) x[1], x[0]).normal(each(reduction, x)).twice());
                }
                all.add(OpCase.of(new CrossEntropy(reduction, 0.1, 0)).normal(x[0] + 1, x[1] + 1).labels((int) x[1] + 1, x[0] + 1).twice());
                for (int p = 1; p <= 2; p++) {
                    all.add(OpCase.of(new Hinge(reduction, p, 1, p == 1)).normal(x).labels((int) x[1], x[0]).twice());
                    all.add(OpCase.of(new Hinge(reduction, p, 0.7, p == 2)).normal(x).labels((int) x[1], x[0]).positive(x[1]).fixed().twice());
                    all.add(OpCase.of(new HingeGradient(new Hinge(reduction, p, 0.7, true))).normal(x).labels((int) x[1], x[0]).normal(each(reduction, x)).twice());
                }
            }
            for (long[] x : new long[][] {{}, {1}, {13}, {2, 3}, {2, 3, 4, 5}}) {
                all.add(OpCase.of(new Mse(reduction)).normal(x).normal(x).twice());
                all.add(OpCase.of(new Bce(reduction, false, false)).normal(x).unit(x).twice());
                all.add(OpCase.of(new Bce(reduction, true, false)).normal(x).unit(x).positive(x).fixed().twice());
                all.add(OpCase.of(new BceGradient(new Bce(reduction, false, false))).normal(x).unit(x).normal(reduction == Reduction.NONE ? x : new long[0]).twice());
                if (x.length > 0) {
                    all.add(OpCase.of(new Bce(reduction, false, true)).normal(x).unit(x).positive(x[x.length - 1]).fixed().twice());
                    all.add(OpCase.of(new Bce(reduction, true, true)).normal(x).unit(x).positive(x).fixed().positive(x[x.length - 1]).fixed().twice());
                }
            }
        }
    }

    /** The shape of the losses of rows [N, K]. */
    private static long[] each(Reduction reduction, long[] rows) {
        return reduction == Reduction.NONE ? new long[] {rows[0]} : new long[0];
    }

    private static void reductions(List<OpCase> all) {
        int[][] sets = {{}, {0}, {1}, {-1}, {0, 1}, {2, 3}, {0, 2, 3}, {1, 2}, {3, 0}, {0, 1, 2, 3}, {1, 3}, {-2, -3}};
        for (Reduce.Kind kind : List.of(Reduce.Kind.SUM, Reduce.Kind.MEAN, Reduce.Kind.MAX)) {
            for (boolean keep : new boolean[] {false, true}) {
                for (int[] dims : sets) {
                    List<Integer> list = java.util.Arrays.stream(dims).boxed().toList();
                    all.add(OpCase.of(new Reduce(kind, list, keep)).normal(2, 3, 4, 5).twice());
                }
                all.add(OpCase.of(new Reduce(kind, List.of(), keep)).normal().twice());
                all.add(OpCase.of(new Reduce(kind, List.of(-1), keep)).normal(7).twice());
                all.add(OpCase.of(new Reduce(kind, List.of(1, 4), keep)).normal(2, 2, 1, 3, 2).twice());
            }
        }
    }

    private static void movement(List<OpCase> all) {
        for (long[] shape : new long[][] {{24}, {2, 3, 4}, {1, 2, 3, 4, 1}, {4, 3, 2, 1}, {1, 24, 1, 1}}) {
            all.add(OpCase.of(new Reshape(Shape.of(shape))).normal(2, 3, 1, 4).twice());
        }
        all.add(OpCase.of(new Reshape(Shape.scalar())).normal(1, 1).twice());
        for (int[] order : new int[][] {{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 3, 1}, {0, 3, 1, 2}, {-1, 0, -2, 1}}) {
            all.add(OpCase.of(new Permute(order)).normal(2, 3, 4, 5).twice());
        }
        all.add(OpCase.of(new Permute(1, 0)).normal(5, 7).twice());
        all.add(OpCase.of(new Permute()).normal().twice());
        for (int dim = -4; dim < 4; dim++) {
            all.add(OpCase.of(new Slice(dim, 1, 2, 1)).normal(3, 4, 5, 6).twice());
            all.add(OpCase.of(new Slice(dim, 0, 2, 2)).normal(3, 4, 5, 6).twice());
            all.add(OpCase.of(new SliceGradient(dim, 1, 2, Shape.of(5, 7, 4, 6))).normal(Shape.of(5, 7, 4, 6).with(dim, 2).dims()).twice());
            all.add(OpCase.of(new Concat(dim)).normal(Shape.of(2, 3, 4, 2).with(dim, 1).dims()).normal(2, 3, 4, 2)
                    .normal(Shape.of(2, 3, 4, 2).with(dim, 5).dims()).twice());
        }
        all.add(OpCase.of(new Slice(0, 0, 3, 1)).normal(3, 2).twice());
        all.add(OpCase.of(new Slice(0, 4, 1, 9)).normal(5).twice());
        all.add(OpCase.of(new Concat(0)).normal(4).twice());
        all.add(OpCase.of(new Pad(new long[] {0, 1, 2, 0}, new long[] {1, 0, 0, 3}, 1.5)).normal(2, 3, 2, 1).twice());
        all.add(OpCase.of(new Pad(new long[] {-1, 1, -2, 0}, new long[] {1, -3, 3, -1}, -2)).normal(2, 5, 3, 4).twice());
        all.add(OpCase.of(new Pad(new long[] {-3}, new long[] {1}, 4)).normal(3).twice());
        all.add(OpCase.of(new Pad(new long[0], new long[0], 4)).normal().twice());
        for (long[][] pair : new long[][][] {{{}, {3}}, {{1}, {2, 3, 4, 5}}, {{3, 1, 1}, {2, 3, 4, 5}}, {{1, 3, 1, 1}, {2, 3, 4, 5}}, {{2, 1, 4, 1}, {2, 3, 4, 5}},
            {{2, 3}, {2, 3}}, {{2, 3}, {1, 1, 2, 3}}, {{1, 1, 1, 1}, {6, 5, 4, 3, 2}}}) {
            all.add(OpCase.of(new BroadcastTo(Shape.of(pair[1]))).normal(pair[0]).twice());
        }
    }
}

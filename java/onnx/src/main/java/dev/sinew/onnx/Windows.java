package dev.sinew.onnx;

import dev.sinew.functional.Window;
import dev.sinew.op.Window2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How a kernel slides over an image of any number of dimensions, from a node's attributes. */
record Windows(long[] kernel, long[] strides, long[] dilations, long[] before, long[] after, boolean ceil) {
    static Windows of(OnnxNode node, long[] image, long... kernel) {
        int n = image.length;
        long[] ones = new long[n];
        Arrays.fill(ones, 1);
        long[] strides = node.attrs("strides", ones);
        long[] dilations = node.attrs("dilations", ones);
        long[] pads = node.attrs("pads", new long[2 * n]);
        String auto = node.attr("auto_pad", "NOTSET");
        if (kernel.length != n || strides.length != n || dilations.length != n || pads.length != 2 * n) {
            throw node.error("kernel, strides, dilations and pads must be those of " + n + " dimensions");
        }
        long[] before = Arrays.copyOf(pads, n);
        long[] after = Arrays.copyOfRange(pads, n, 2 * n);
        for (int d = 0; d < n; d++) {
            if (kernel[d] < 1 || strides[d] < 1 || dilations[d] < 1) {
                throw node.error("kernel, strides and dilations must be at least 1");
            }
            if (auto.startsWith("SAME")) {
                long out = (image[d] + strides[d] - 1) / strides[d];
                long total = Math.max(0, (out - 1) * strides[d] + dilations[d] * (kernel[d] - 1) + 1 - image[d]);
                before[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                after[d] = total - before[d];
            } else if (auto.equals("VALID")) {
                before[d] = 0;
                after[d] = 0;
            }
        }
        return new Windows(kernel, strides, dilations, before, after, node.flag("ceil_mode", false));
    }

    Windows withoutPadding() {
        return new Windows(kernel, strides, dilations, new long[kernel.length], new long[kernel.length], ceil);
    }

    /**
     * What has to be added behind for the last windows of ceil mode to lie inside. A window that would begin in the padding
     * behind is none.
     */
    long[] ceilExtra(long... image) {
        long[] extra = new long[kernel.length];
        for (int d = 0; ceil && d < extra.length; d++) {
            long room = image[d] + before[d] + after[d] - dilations[d] * (kernel[d] - 1) - 1;
            long last = (room + strides[d] - 1) / strides[d] * strides[d];
            extra[d] = last >= image[d] + before[d] ? 0 : Math.max(0, last - room);
        }
        return extra;
    }

    Window window() {
        List<Window.Axis> axes = new ArrayList<>();
        for (int d = 0; d < kernel.length; d++) {
            axes.add(new Window.Axis(kernel[d], strides[d], before[d], after[d], dilations[d]));
        }
        return new Window(axes);
    }

    /** For images of two dimensions, or of one that stands as the second. Padding must be symmetric. */
    Window2d in2d() {
        return kernel.length == 1 ? new Window2d(1, kernel[0], 1, strides[0], 0, before[0], 1, dilations[0])
                : new Window2d(kernel[0], kernel[1], strides[0], strides[1], before[0], before[1], dilations[0], dilations[1]);
    }
}

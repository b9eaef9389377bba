package dev.sinew.app.reproduce.nets;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.models.Vgg;
import dev.sinew.nn.FullyConvolutional;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.nn.Objective;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The nets of 16 and 19 layers of 3 x 3 convolutions, and their dense layers turned into convolutions. */
final class FullVgg implements Reproduction {
    /** A larger image: 32 x 8 pixels, so that the last map has 8 x 8 places and the classifier 2 x 2 windows on it. */
    private static final int LARGE = 256;
    private static final int WINDOW = 7;

    private final int depth;

    FullVgg(int depth) {
        this.depth = depth;
    }

    @Override
    public String id() {
        return "vgg" + depth;
    }

    @Override
    public String title() {
        return depth + " layers of 3 x 3 convolutions and three dense ones, on images of any size";
    }

    @Override
    public String about() {
        return "Two 3 x 3 convolutions see 5 x 5 pixels and three see 7 x 7, with fewer weights than one large window and more bends"
                + " between: `27 C^2` against `49 C^2`. A dense layer over a map of 7 x 7 is a convolution with a window of that size;"
                + " written so, the net takes a larger image and says at once what it would say of every window of its last map.";
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(getClass(), FullSize.class, Vgg.class);
    }

    private Network.Builder net(long side) {
        return depth == 16 ? Vgg.vgg16(3, side, side, 1000) : Vgg.vgg19(3, side, side, 1000);
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        findings.equal("parameters", depth == 16 ? 138_357_544 : 143_667_240, net(224).architecture().parameterCount());
        try (Network net = net(224).build(lab.seed())) {
            FullSize.run(lab, findings, net, 224, 2, lab.pick(6, 20), 0.0002, Objective.of(Loss.crossEntropy()));
            lab.say("larger images");
            scan(lab, findings, net);
            findings.preformatted(net.architecture().summary(2));
        }
    }

    /** The net on a larger image at once, and its classifier on each window of the last map. */
    private void scan(Lab lab, Findings findings, Network net) throws IOException {
        String last = "maxpool5";
        try (var _ = Scope.open(); Network wide = FullyConvolutional.of(net, 3, LARGE, LARGE);
                Network classifier = Network.input(512, WINDOW,
                        WINDOW).dense(4096).relu().dense(4096).relu().dense(1000).build(lab.seed())) {
            classifier.loadMatching(net.parameters(), "dense1", "dense2", "dense3");
            Tensor image = FullSize.batch(FullSize.crops(lab, LARGE, 1));
            Map<String, Tensor> found = wide.activations(image, last, "output");
            int places = LARGE / 32 - WINDOW + 1;
            double worst = 0;
            double most = 0;
            for (int i = 0; i < places * places; i++) {
                Tensor window = found.get(last).slice(2, i / places, WINDOW).slice(3, i % places, WINDOW).copy();
                double[] alone = classifier.predict(window).toDoubles();
                for (int c = 0; c < alone.length; c++) {
                    worst = Math.max(worst, Math.abs(alone[c] - found.get("output").get(0, c, i / places, i % places)));
                    most = Math.max(most, Math.abs(alone[c]));
                }
            }
            findings.check("scores at " + places * places + " places of an image of " + LARGE + " x " + LARGE
                    + " against window after window: largest"
                    + " difference to the largest score", "<= 1e-4", String.format(Locale.ROOT, "%.1e", worst / most),
                    worst / most <= 1e-4 && most > 0);
            findings.text(String.format(Locale.ROOT, "One pass over the larger image takes `%.1f` GFLOP, %d separate windows of 224 x"
                    + " 224 would take `%.1f`. The windows here are those of the last map: cut from the image instead, each would see"
                    + " zeros around it that the whole image does not have, as"
                    + " these convolutions pad.", wide.architecture().flops() / 1e9, places * places,
                    places * places * net.architecture().flops() / 1e9));
        }
    }
}

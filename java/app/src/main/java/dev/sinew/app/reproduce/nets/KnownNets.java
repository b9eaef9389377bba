package dev.sinew.app.reproduce.nets;

import dev.sinew.app.reproduce.Reproduction;
import java.util.List;

/** Convolutional nets that are known by name. */
public final class KnownNets {
    private KnownNets() {}

    /** Its systems. */
    public static List<Reproduction> all() {
        return List.of(new ConvArithmetic(), new Lenet(), new FullAlexNet(), new FullVgg(16), new FullVgg(19), new SmallVgg(),
                new FullGoogLeNet(),
                new PlainResidual(), new SmallResNet(), new FullResNet(18), new FullResNet(34), new FullResNet(50));
    }
}

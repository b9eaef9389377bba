package org.example;

import dev.sinew.Seed;
import dev.sinew.data.Digits;
import dev.sinew.nn.Loss;
import dev.sinew.nn.Network;
import dev.sinew.optim.Adam;
import dev.sinew.train.Trainer;

/** Trains a small net and prints how well it reads digits. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        var digits = Digits.load();
        var net = Network.input(1, 8, 8).dense(32).relu().dense(10).build(Seed.of(7));
        var run = Trainer.of(net, Loss.crossEntropy(), Adam.rate(1e-2)).batch(32).epochs(5).fit(digits.train());
        System.out.println("accuracy " + run.evaluate(digits.test()).accuracy());
    }
}

package dev.sinew.train;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.io.CorruptDataException;
import dev.sinew.io.SafeTensors;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The state of a training in a safetensors file: weights under their names, the optimiser's states as
 * {@code optimizer.velocity.conv1.weight}, averaged weights as {@code average.conv1.weight}, gradients gathered for the next
 * update as {@code gathered.conv1.weight}, the best weights of early stopping as {@code best.conv1.weight}, and position,
 * history and settings in the metadata.
 */
final class Checkpoint {
    private static final String FORMAT = "sinew-checkpoint-1";
    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d+)\\.safetensors");

    private Checkpoint() {}

    static Path file(Path folder, long step) {
        return folder.resolve("checkpoint-" + step + ".safetensors");
    }

    /** Writes a checkpoint and removes the oldest beyond the number to be kept. */
    static void write(Path folder, int kept, Loop loop) throws IOException {
        Network network = loop.network();
        Map<String, Tensor> tensors = new LinkedHashMap<>(network.parameters());
        tensors.putAll(loop.state().saved());
        loop.best().forEach((name, tensor) -> tensors.put("best." + name, tensor));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("settings", loop.trainer().settings());
        metadata.put("networkSeed", Long.toString(network.seed().value()));
        metadata.putAll(loop.position());
        for (EpochReport report : loop.history()) {
            metadata.put("epoch." + report.epoch(), text(report));
        }
        Files.createDirectories(folder);
        SafeTensors.write(file(folder, loop.step()), metadata, tensors);
        removeOldest(folder, kept, loop.step());
    }

    /** Checkpoints of earlier steps only: those of a later one belong to another training. */
    private static void removeOldest(Path folder, int kept, long step) throws IOException {
        record Found(Path path, long step) {}
        List<Found> found = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path path : files.toList()) {
                Matcher matcher = NAME.matcher(path.getFileName().toString());
                if (matcher.matches() && matcher.group(1).length() < 19 && Long.parseLong(matcher.group(1)) <= step) {
                    found.add(new Found(path, Long.parseLong(matcher.group(1))));
                }
            }
        }
        found.sort(Comparator.comparingLong(Found::step).reversed());
        for (Found old : found.subList(Math.min(kept, found.size()), found.size())) {
            Files.deleteIfExists(old.path);
        }
    }

    /** Puts a training back to where it was. Everything is checked before anything is overwritten. */
    static void read(Path file, Loop loop) throws IOException {
        try (Scope _ = Scope.open()) {
            readInScope(file, loop);
        }
    }

    private static void readInScope(Path file, Loop loop) throws IOException {
        SafeTensors content = SafeTensors.read(file);
        Map<String, String> metadata = content.metadata();
        if (!FORMAT.equals(metadata.get("format"))) {
            throw new CorruptDataException(file.toString(), 0, "a Sinew checkpoint", "other safetensors data");
        }
        same(file, "settings", metadata.get("settings"), loop.trainer().settings());
        same(file, "network's seed", metadata.get("networkSeed"), Long.toString(loop.network().seed().value()));
        same(file, "number of training samples", metadata.get("samples"), Long.toString(loop.samples()));
        Map<String, Tensor> saved = content.tensors();
        Map<Tensor, Tensor> copies = new LinkedHashMap<>();
        loop.network().parameters().forEach((name, target) -> copies.put(target, matching(file, saved, name, target)));
        loop.state().saved().forEach((name, target) -> copies.put(target, matching(file, saved, name, target)));
        Map<String, Tensor> best = new LinkedHashMap<>();
        loop.network().parameters().forEach((name, target) -> {
            if (saved.containsKey("best." + name)) {
                best.put(name, matching(file, saved, "best." + name, target));
            }
        });
        List<EpochReport> history = new ArrayList<>();
        try {
            for (long epoch = 1; metadata.containsKey("epoch." + epoch); epoch++) {
                history.add(report(epoch, metadata.get("epoch." + epoch)));
            }
            loop.restore(metadata, history, best);
        } catch (NumberFormatException | NullPointerException | ArrayIndexOutOfBoundsException e) {
            throw new CorruptDataException(file.toString(), 0, "a checkpoint's position and history", "metadata " + metadata.keySet());
        }
        copies.forEach((target, source) -> target.copyFrom(source));
    }

    private static void same(Path file, String what, String saved, String now) {
        if (!now.equals(saved)) {
            throw new IllegalArgumentException("resume: the " + what + " of " + file + " differ: there " + saved + ", here " + now);
        }
    }

    private static Tensor matching(Path file, Map<String, Tensor> saved, String name, Tensor target) {
        Tensor tensor = saved.get(name);
        if (tensor == null || !tensor.spec().equals(target.spec())) {
            throw new IllegalArgumentException("resume: " + file + (tensor == null ? " lacks " : " has another shape for ") + name
                    + ": expected " + target.spec() + (tensor == null ? "" : ", found " + tensor.spec()));
        }
        return tensor;
    }

    private static String text(EpochReport r) {
        return r.step() + " " + Double.toHexString(r.trainLoss()) + " " + Double.toHexString(r.trainAccuracy()) + " "
                + Double.toHexString(r.validationLoss()) + " " + Double.toHexString(r.validationAccuracy()) + " "
                + Double.toHexString(r.rate()) + " " + r.seconds() + " " + r.waited();
    }

    private static EpochReport report(long epoch, String text) {
        String[] f = text.split(" ");
        return new EpochReport(epoch, Long.parseLong(f[0]), Double.parseDouble(f[1]), Double.parseDouble(f[2]), Double.parseDouble(f[3]),
                Double.parseDouble(f[4]), Double.parseDouble(f[5]), Double.parseDouble(f[6]), Double.parseDouble(f[7]));
    }
}

package dev.sinew.app;

import dev.sinew.Scope;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.io.SafeTensors;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Weights in a safetensors file whose metadata tell what they are for. */
final class SavedModel {
    private static final JsonMapper JSON = new JsonMapper();

    private SavedModel() {}

    /** Writes the weights of a net for that data. */
    static void write(Path file, Network network, Model model, Data data, List<String> classNames) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "sinew-model-1");
        metadata.put("model", model.toString());
        metadata.put("data", data.toString());
        metadata.put("input", InputShape.text(network.architecture().input()));
        metadata.put("classes", Integer.toString(classNames.size()));
        metadata.put("class_names", JSON.writeValueAsString(classNames));
        metadata.put("mean", data.scale().mean().toString());
        metadata.put("standard_deviation", data.scale().deviation().toString());
        SafeTensors.write(file, metadata, network.parameters());
    }

    /**
     * Reads weights into a net that was built for them.
     *
     * @return the file's metadata
     */
    static Map<String, String> read(Path file, Network network, Model model) throws IOException {
        try (var _ = Scope.open()) {
            SafeTensors content = SafeTensors.read(file);
            String saved = content.metadata().get("model");
            if (saved != null && !saved.equals(model.toString())) {
                throw new UserError(file + " holds weights of " + saved + ", not of " + model);
            }
            for (Map.Entry<String, Tensor> parameter : network.parameters().entrySet()) {
                Tensor value = content.tensors().get(parameter.getKey());
                if (value == null || !value.spec().equals(parameter.getValue().spec())) {
                    throw new UserError(file + " does not hold weights of " + model + " for images "
                            + InputShape.text(network.architecture().input()) + ": " + parameter.getKey() + " should be "
                            + parameter.getValue().spec() + (value == null ? " and is missing" : ", not " + value.spec()));
                }
            }
            network.parameters().forEach((name, parameter) -> parameter.copyFrom(content.tensors().get(name)));
            return content.metadata();
        }
    }

    /** What a file says of itself. */
    static Map<String, String> metadata(Path file) throws IOException {
        try (var opened = dev.sinew.io.SafeTensorsFile.open(file)) {
            return opened.metadata();
        }
    }

    /** The data set that a file's weights were trained on. */
    static Data data(Path file, Map<String, String> metadata) {
        String name = metadata.get("data");
        for (Data data : Data.values()) {
            if (data.toString().equals(name)) {
                return data;
            }
        }
        throw new UserError(file + " does not say what its weights were trained on: it was not written by 'sinew train'");
    }

    /** The shape of the samples, [channels, height, width]. */
    static Shape input(Path file, Map<String, String> metadata) {
        try {
            return new InputShape().convert(metadata.getOrDefault("input", ""));
        } catch (TypeConversionException e) {
            throw new UserError(file + ": the shape of the images in its metadata cannot be read: " + e.getMessage(), e);
        }
    }

    /** The names of the classes. */
    static List<String> classNames(Path file, Map<String, String> metadata) {
        try {
            return List.of(JSON.readValue(metadata.getOrDefault("class_names", "[]"), String[].class));
        } catch (JacksonException | NullPointerException e) {
            throw new UserError(file + ": the names of the classes in its metadata cannot be read", e);
        }
    }
}

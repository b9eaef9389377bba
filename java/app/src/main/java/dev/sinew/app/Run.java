package dev.sinew.app;

import dev.sinew.data.Dataset;
import dev.sinew.nn.Network;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Evaluation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training that is over, with all that is worth telling about it.
 *
 * @param validation the share that was held out
 * @param test the data it was measured on
 * @param seconds of training, since it was last resumed
 * @param arguments of the command line
 */
record Run(Model model, Data data, Recipe recipe, long seed, double validation, Network network, List<EpochReport> history, Dataset test,
        Evaluation evaluation, double seconds, List<String> arguments) {

    /** The settings, in words. */
    Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", model.toString());
        settings.put("data", data.toString());
        settings.put("epochs", recipe.epochs());
        settings.put("batch", recipe.batch());
        settings.put("optimizer", recipe.algorithm().toString());
        settings.put("learning rate", recipe.rate());
        settings.put("schedule", recipe.course().toString());
        settings.put("warm-up steps", recipe.warmup());
        settings.put("weight decay", recipe.decay());
        settings.put("label smoothing", recipe.smoothing());
        settings.put("varied images", recipe.augment());
        settings.put("validation share", validation);
        settings.put("seed", seed);
        return settings;
    }
}

package dev.sinew.app;

import dev.sinew.metrics.ConfusionMatrix;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The numbers of a run, as JSON. */
final class Metrics {
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private Metrics() {}

    static void write(Path file, Run run) throws IOException {
        WholeFile.write(file, JSON.writeValueAsString(of(run)) + "\n");
    }

    private static Map<String, Object> of(Run run) {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("command", run.arguments());
        metrics.put("settings", run.settings());
        metrics.put("parameters", run.network().architecture().parameterCount());
        metrics.put("epochs", run.history().stream().map(Metrics::of).toList());
        metrics.put("test", of(run.evaluation(), run.test().classNames()));
        metrics.put("training_seconds", run.seconds());
        metrics.put("weights_sha256", run.network().sha256());
        metrics.put("environment", Environment.describe());
        return metrics;
    }

    private static Map<String, Object> of(EpochReport r) {
        Map<String, Object> epoch = new LinkedHashMap<>();
        epoch.put("epoch", r.epoch());
        epoch.put("step", r.step());
        epoch.put("train_loss", number(r.trainLoss()));
        epoch.put("train_accuracy", number(r.trainAccuracy()));
        epoch.put("validation_loss", number(r.validationLoss()));
        epoch.put("validation_accuracy", number(r.validationAccuracy()));
        epoch.put("learning_rate", number(r.rate()));
        epoch.put("seconds", number(r.seconds()));
        epoch.put("seconds_waited_for_data", number(r.waited()));
        return epoch;
    }

    private static Map<String, Object> of(Evaluation e, List<String> names) {
        Map<String, Object> test = new LinkedHashMap<>();
        test.put("samples", e.size());
        test.put("loss", number(e.loss()));
        test.put("accuracy", number(e.accuracy()));
        test.put("top5_accuracy", number(e.topK(Math.min(5, names.size()))));
        test.put("macro_f1", number(e.confusionMatrix().f1(ConfusionMatrix.Average.MACRO)));
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int c = 0; c < names.size(); c++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", names.get(c));
            one.put("precision", number(e.precision(c)));
            one.put("recall", number(e.recall(c)));
            one.put("f1", number(e.confusionMatrix().f1(c)));
            classes.add(one);
        }
        test.put("classes", classes);
        test.put("confusion", e.confusion());
        return test;
    }

    /** JSON has no NaN. */
    private static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}

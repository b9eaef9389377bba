package dev.sinew.train;

import dev.sinew.Tensor;
import dev.sinew.data.Batch;
import dev.sinew.data.Batches;
import dev.sinew.data.Dataset;
import dev.sinew.nn.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One training: the loop over epochs and batches, with its position. */
final class Loop implements AutoCloseable, TrainingListener.Control {
    private final Trainer trainer;
    private final Network network;
    private final Dataset train;
    private final Dataset validation;
    private final OptimizerState state;
    private final Map<Long, TrainStep> steps = new HashMap<>();
    private final List<EpochReport> history = new ArrayList<>();
    private final long batchesPerEpoch;
    private final long updatesPerEpoch;
    private final long samplesPerEpoch;

    private long step;
    private long epoch;
    private long batch;
    private double lossSum;
    private long correct;
    private long labelled;
    private long seen;
    private double loss = Double.NaN;
    private Batch latest;
    private double rate;
    private boolean stopped;
    private double bestLoss = Double.POSITIVE_INFINITY;
    private long sinceBest;
    private Map<String, Tensor> best;

    Loop(Trainer trainer, Dataset train, Dataset validation) throws IOException {
        this.trainer = trainer;
        this.network = trainer.network();
        this.train = train;
        this.validation = validation;
        this.batchesPerEpoch = trainer.batches(train).batchesPerEpoch();
        this.samplesPerEpoch = trainer.batches(train).samples();
        this.updatesPerEpoch = (batchesPerEpoch + trainer.rule().accumulate() - 1) / trainer.rule().accumulate();
        this.state = new OptimizerState(network, network.trained(trainer.objective().outputs(network.architecture())), trainer.rule());
        if (trainer.resumeFrom() != null) {
            try {
                Checkpoint.read(trainer.resumeFrom(), this);
            } catch (IOException | RuntimeException e) {
                state.close();
                throw e;
            }
        }
    }

    Training run() throws IOException {
        trainer.listeners().forEach(listener -> listener.started(this));
        if (!ended()) {
            try (Batches batches = trainer.batches(train).from(epoch, batch).open()) {
                while (!ended()) {
                    runEpoch(batches);
                }
            }
        }
        if (best != null) {
            best.forEach((name, tensor) -> network.parameter(name).copyFrom(tensor));
        } else {
            state.exchangeAverages();
        }
        return new Training(network, trainer.objective(), history);
    }

    private void runEpoch(Batches batches) throws IOException {
        long started = System.nanoTime();
        double waited = batches.waitedSeconds();
        while (batch < batchesPerEpoch && !stopped) {
            runStep(batches.next());
            for (TrainingListener listener : trainer.listeners()) {
                listener.step(this);
            }
            if (trainer.checkpointFolder() != null && trainer.checkpointEvery() > 0 && step % trainer.checkpointEvery() == 0
                    && batch < batchesPerEpoch) {
                Checkpoint.write(trainer.checkpointFolder(), trainer.checkpointsKept(), this);
            }
        }
        if (batch < batchesPerEpoch) {
            return; // stopped by a listener
        }
        epoch++;
        batch = 0;
        finishEpoch(started, batches.waitedSeconds() - waited);
    }

    private void runStep(Batch next) {
        long size = next.size();
        TrainStep compiled = steps.computeIfAbsent(size, n -> new TrainStep(network, trainer.objective(), state, n, LossGraph.targetType(train)));
        step++;
        state.beginStep(step);
        int accumulate = trainer.rule().accumulate();
        state.gather(batch % accumulate == 0, (double) size / samplesOfUpdate());
        state.beginUpdate(epoch * updatesPerEpoch + batch / accumulate + 1, updatesPerEpoch, updatesPerEpoch * trainer.epochs());
        rate = state.rate();
        compiled.run(next.input(), next.target());
        if (accumulate > 1 && ((batch + 1) % accumulate == 0 || batch + 1 == batchesPerEpoch)) {
            state.runUpdate();
        }
        latest = next;
        loss = compiled.loss();
        lossSum += loss * size;
        correct += compiled.correct();
        labelled += compiled.labelled();
        seen += size;
        batch++;
    }

    /** How many samples the batches of the update have that the current one belongs to. */
    private long samplesOfUpdate() {
        int accumulate = trainer.rule().accumulate();
        long first = batch / accumulate * accumulate;
        long end = Math.min(first + accumulate, batchesPerEpoch);
        return Math.min(end * trainer.batchSize(), samplesPerEpoch) - first * trainer.batchSize();
    }

    private void finishEpoch(long started, double waited) throws IOException {
        Evaluation evaluation = validation == null ? null : validate();
        EpochReport report = new EpochReport(epoch, step, lossSum / seen, epochAccuracy(),
                evaluation == null ? Double.NaN : evaluation.loss(),
                evaluation == null || !evaluation.hasClasses() ? Double.NaN : evaluation.accuracy(), rate,
                (System.nanoTime() - started) / 1e9, waited);
        history.add(report);
        lossSum = 0;
        correct = 0;
        labelled = 0;
        seen = 0;
        tellSchedules();
        for (TrainingListener listener : trainer.listeners()) {
            listener.epoch(report, this);
        }
        if (trainer.checkpointFolder() != null) {
            Checkpoint.write(trainer.checkpointFolder(), trainer.checkpointsKept(), this);
        }
    }

    /** Measures the weights that would come out now: the averages, where there are some. */
    private Evaluation validate() {
        state.exchangeAverages();
        Evaluation evaluation = Evaluator.evaluate(network, trainer.objective(), validation);
        if (trainer.patience() > 0) {
            stopEarly(evaluation.loss());
        }
        state.exchangeAverages();
        return evaluation;
    }

    private void tellSchedules() {
        state.measured(history.stream().mapToDouble(EpochReport::validationLoss).toArray());
    }

    private void stopEarly(double validationLoss) {
        if (validationLoss < bestLoss) {
            bestLoss = validationLoss;
            sinceBest = 0;
            keepAsBest(network.parameters());
        } else {
            sinceBest++;
        }
    }

    private void keepAsBest(Map<String, Tensor> weights) {
        if (best == null) {
            best = new LinkedHashMap<>();
            weights.forEach((name, tensor) -> best.put(name, state.allocate(tensor.spec())));
        }
        weights.forEach((name, tensor) -> best.get(name).copyFrom(tensor));
    }

    /** Whether there is nothing more to do: all epochs done, patience at its end, or a listener's wish. */
    private boolean ended() {
        return epoch >= trainer.epochs() || stopped || trainer.patience() > 0 && sinceBest >= trainer.patience();
    }

    // ---- what a checkpoint holds ----

    Trainer trainer() {
        return trainer;
    }

    Network network() {
        return network;
    }

    OptimizerState state() {
        return state;
    }

    List<EpochReport> history() {
        return history;
    }

    Map<String, Tensor> best() {
        return best == null ? Map.of() : best;
    }

    /** The position as numbers: exact, whatever their size. */
    Map<String, String> position() {
        Map<String, String> position = new LinkedHashMap<>();
        position.put("step", Long.toString(step));
        position.put("epoch", Long.toString(epoch));
        position.put("batch", Long.toString(batch));
        position.put("samples", Long.toString(train.size()));
        position.put("lossSum", Double.toHexString(lossSum));
        position.put("correct", Long.toString(correct));
        position.put("labelled", Long.toString(labelled));
        position.put("seen", Long.toString(seen));
        position.put("bestLoss", Double.toHexString(bestLoss));
        position.put("sinceBest", Long.toString(sinceBest));
        return position;
    }

    long samples() {
        return train.size();
    }

    void restore(Map<String, String> position, List<EpochReport> reports, Map<String, Tensor> bestWeights) {
        step = Long.parseLong(position.get("step"));
        epoch = Long.parseLong(position.get("epoch"));
        batch = Long.parseLong(position.get("batch"));
        lossSum = Double.parseDouble(position.get("lossSum"));
        correct = Long.parseLong(position.get("correct"));
        seen = Long.parseLong(position.get("seen"));
        // in checkpoints from before labels of positions every sample had one
        labelled = Long.parseLong(position.getOrDefault("labelled", train.classes() > 0 ? position.get("seen") : "0"));
        bestLoss = Double.parseDouble(position.get("bestLoss"));
        sinceBest = Long.parseLong(position.get("sinceBest"));
        history.addAll(reports);
        tellSchedules();
        if (!bestWeights.isEmpty()) {
            keepAsBest(bestWeights);
        }
    }

    // ---- what a listener sees ----

    @Override
    public long step() {
        return step;
    }

    @Override
    public long epoch() {
        return batch == 0 && epoch > 0 ? epoch : epoch + 1;
    }

    @Override
    public long batch() {
        return batch;
    }

    @Override
    public long batchesPerEpoch() {
        return batchesPerEpoch;
    }

    @Override
    public long epochs() {
        return trainer.epochs();
    }

    @Override
    public double loss() {
        return loss;
    }

    @Override
    public double epochLoss() {
        return lossSum / seen;
    }

    @Override
    public double epochAccuracy() {
        return labelled > 0 ? (double) correct / labelled : Double.NaN;
    }

    @Override
    public Batch latest() {
        return latest;
    }

    @Override
    public double rate() {
        return rate;
    }

    @Override
    public double gradientNorm() {
        return state.norm();
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        trainer.listeners().forEach(TrainingListener::ended);
        steps.values().forEach(TrainStep::close);
        state.close();
    }
}

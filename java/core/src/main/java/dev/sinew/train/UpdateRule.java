package dev.sinew.train;

import dev.sinew.nn.ParameterSpec;
import dev.sinew.optim.Averaging;
import dev.sinew.optim.Optimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How parameters follow their gradients.
 *
 * @param optimizer that of all parameters which are in no group
 * @param groups the first that fits a parameter has it
 * @param clipNorm the largest norm of the gradient of all parameters; infinite: any
 * @param clipValue the largest magnitude of an element; infinite: any
 * @param accumulate batches whose gradients are gathered for one update, at least 1
 * @param averaging of the weights, or null
 */
record UpdateRule(Optimizer optimizer, List<Group> groups, double clipNorm, double clipValue, int accumulate, Averaging averaging) {
    /** Parameters with an optimiser of their own. */
    record Group(String name, Predicate<ParameterSpec> parameters, Optimizer optimizer) {}

    /** The name of the parameters that are in no group. */
    static final String REST = "";

    static UpdateRule of(Optimizer optimizer) {
        return new UpdateRule(optimizer, List.of(), Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 1, null);
    }

    /** The optimiser of each group, the rest's first. */
    Map<String, Optimizer> optimizers() {
        Map<String, Optimizer> optimizers = new LinkedHashMap<>();
        optimizers.put(REST, optimizer);
        for (Group group : groups) {
            optimizers.put(group.name, group.optimizer);
        }
        return optimizers;
    }

    /** The group of a parameter. */
    String group(ParameterSpec parameter) {
        for (Group group : groups) {
            if (group.parameters.test(parameter)) {
                return group.name;
            }
        }
        return REST;
    }

    /** Everything but the main optimiser, in words; empty where nothing is set. */
    String settings(List<ParameterSpec> parameters) {
        StringBuilder text = new StringBuilder();
        for (Group group : groups) {
            List<String> names = parameters.stream().filter(p -> group(p).equals(group.name)).map(ParameterSpec::name).toList();
            text.append(" group \"").append(group.name).append("\"=").append(group.optimizer).append(names);
        }
        text.append(clipNorm < Double.POSITIVE_INFINITY ? " clipNorm=" + clipNorm : "");
        text.append(clipValue < Double.POSITIVE_INFINITY ? " clipValue=" + clipValue : "");
        text.append(accumulate > 1 ? " accumulate=" + accumulate : "");
        text.append(averaging != null ? " averaging=" + averaging : "");
        return text.toString();
    }
}

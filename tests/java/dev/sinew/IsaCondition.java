package dev.sinew;

import java.util.Locale;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips everything when {@code SINEW_MAX_ISA} asks for an instruction set that this CPU lacks: the library would fall back
 * to a lower one, which has a run of its own. Found by JUnit through META-INF/services.
 */
public final class IsaCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String wanted = System.getenv("SINEW_MAX_ISA");
        if (wanted == null) {
            return ConditionEvaluationResult.enabled("SINEW_MAX_ISA is not set: " + Cpu.isa());
        }
        Cpu.Isa isa = Cpu.Isa.valueOf(wanted.toUpperCase(Locale.ROOT));
        if (!isa.isAvailable()) {
            return ConditionEvaluationResult.disabled("skipped: this CPU has no " + isa);
        }
        return ConditionEvaluationResult.enabled("runs with " + isa);
    }
}

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * Counts numbers by key, for ever, and shows each count in a file of its own.
 *
 * <p>Argument: the folder for the files. {@code counting.properties} in the JAR, or among its dependency files, tells
 * one version of the job from another: the operator's uid, the type of its state, and after how many numbers each
 * start throws.
 */
public final class CountingJob {
    static final int KEYS = 8;
    static final int PAUSE_MS = 5;

    public static void main(String[] args) throws Exception {
        Properties version = new Properties();
        InputStream inside = CountingJob.class.getResourceAsStream("/counting.properties");
        try (InputStream in = inside != null ? inside
                : CountingJob.class.getResourceAsStream("/userData/counting.properties")) {
            version.load(in);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(0, Long.MAX_VALUE)
                .uid("numbers")
                .map(CountingJob::paced)
                .uid("pace")
                .keyBy(number -> (int) (number % KEYS))
                .process(new Count(args[0], version))
                .uid(version.getProperty("uid"))
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
        env.execute();
    }

    static Long paced(Long number) throws InterruptedException {
        Thread.sleep(PAUSE_MS);
        return number;
    }

    /** Counts; the file {@code key} holds: count, count at this start, subtask. */
    static final class Count extends KeyedProcessFunction<Integer, Long, Long> {
        private final String folder;
        private final boolean text;
        private final long crashAfter;
        private final long[] startedAt = new long[KEYS];
        private final boolean[] seen = new boolean[KEYS];
        private long numbers;
        private transient ValueState<Object> count;

        Count(String folder, Properties version) {
            this.folder = folder;
            this.text = "text".equals(version.getProperty("state"));
            this.crashAfter = Long.parseLong(version.getProperty("crashAfter"));
        }

        @Override
        @SuppressWarnings({"unchecked", "rawtypes"})
        public void open(OpenContext context) {
            TypeInformation type = text ? Types.STRING : Types.LONG;
            count = getRuntimeContext().getState(new ValueStateDescriptor<Object>("count", type));
        }

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            if (++numbers > crashAfter && crashAfter > 0) {
                throw new IllegalStateException("this version stumbles over its number " + crashAfter);
            }
            int key = context.getCurrentKey();
            Object before = count.value();
            long counted = before == null ? 0 : Long.parseLong(before.toString());
            if (!seen[key]) {
                seen[key] = true;
                startedAt[key] = counted;
            }
            counted++;
            count.update(text ? (Object) Long.toString(counted) : (Object) counted);
            show(key, counted);
            out.collect(counted);
        }

        private void show(int key, long counted) throws IOException {
            int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
            Path unfinished = Path.of(folder, key + "." + subtask + ".tmp");
            Files.write(unfinished, (counted + " " + startedAt[key] + " " + subtask).getBytes(StandardCharsets.UTF_8));
            Files.move(unfinished, Path.of(folder, Integer.toString(key)), StandardCopyOption.ATOMIC_MOVE);
        }
    }
}

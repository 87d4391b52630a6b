package dev.codeinterpreter.harness;

import jakarta.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;

/** All events of one stream. */
public record Streamed(List<Event> events) {
    public Streamed {
        events = List.copyOf(events);
    }

    public String stdout() {
        return output("stdout");
    }

    public String stderr() {
        return output("stderr");
    }

    public List<Event> outputs() {
        return events.stream().filter(event -> event.type().equals("output")).toList();
    }

    /** What was shown, as it came. */
    public List<JsonObject> displays() {
        return events.stream()
                .filter(event -> event.type().equals("display"))
                .map(Event::json)
                .toList();
    }

    /** The result, which has to be the last event and the only one but comments that is no output and shows nothing. */
    public Result result() {
        return new Result(last("result").json());
    }

    /** The message of the error that the stream has to end with. */
    public String error() {
        return last("error").json().getString("message");
    }

    private Event last(String type) {
        List<Event> others = events.stream()
                .filter(event -> !List.of("output", "display", Event.COMMENT).contains(event.type()))
                .toList();
        boolean isLast = others.size() == 1 && events.getLast().equals(others.getFirst());
        if (!isLast || !others.getFirst().type().equals(type)) {
            throw new AssertionError("no %s at the end: %s".formatted(type, this));
        }
        return events.getLast();
    }

    private String output(String stream) {
        return events.stream()
                .filter(event -> event.isOutputOf(stream))
                .map(Event::text)
                .collect(Collectors.joining());
    }

    @Override
    public String toString() {
        return events.stream()
                .skip(Math.max(0, events.size() - 20))
                .map(event -> event.data().length() <= 1000 ? event.toString() : event.type() + " ...")
                .collect(Collectors.joining("\n", events.size() + " events, the last: ", ""));
    }
}

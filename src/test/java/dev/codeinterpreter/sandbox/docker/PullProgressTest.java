package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.json.Json;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class PullProgressTest {
    private final PullProgress progress = new PullProgress();

    @Test
    void countsLayersAndBytes() {
        assertThat(progress).hasToString("0 of 0 layers, 0 of 0 MB");
        accept("{'status':'Pulling from owner/name','id':'1.2'}");
        accept("{'status':'Pulling fs layer','progressDetail':{},'id':'a'}");
        accept("{'status':'Pulling fs layer','progressDetail':{},'id':'b'}");
        accept("{'status':'Already exists','progressDetail':{},'id':'c'}");
        accept("{'status':'Waiting','progressDetail':{},'id':'b'}");
        assertThat(progress).hasToString("1 of 3 layers, 0 of 0 MB");
        accept("{'status':'Downloading','progressDetail':{'current':31000000,'total':90000000},'id':'a'}");
        assertThat(progress).hasToString("1 of 3 layers, 31 of 90 MB");
        accept("{'status':'Download complete','progressDetail':{},'id':'a'}");
        accept("{'status':'Extracting','progressDetail':{'current':1,'total':90000000},'id':'a'}");
        assertThat(progress).hasToString("1 of 3 layers, 90 of 90 MB");
        accept("{'status':'Pull complete','progressDetail':{},'id':'a'}");
        accept("{'status':'Digest: sha256:0123'}");
        accept("{'status':'Status: Downloaded newer image for name:1'}");
        assertThat(progress).hasToString("2 of 3 layers, 90 of 90 MB");
        assertThat(progress.error()).isEmpty();
    }

    @Test
    void keepsTheReasonOfAFailure() {
        accept("{'errorDetail':{'message':'no space left'},'error':'no space left'}");
        assertThat(progress.error()).contains("no space left");
    }

    @Test
    void followsABoundedNumberOfLayers() {
        for (int i = 0; i < 2000; i++) {
            accept("{'status':'Pulling fs layer','id':'%d'}".formatted(i));
        }
        assertThat(progress).hasToString("0 of 1000 layers, 0 of 0 MB");
    }

    @Test
    void takesWhateverItIsTold() {
        for (String message : new String[] {
            "{}",
            "{'id':1,'status':[]}",
            "{'status':'Downloading','id':'a','progressDetail':5}",
            "{'status':'Downloading','id':'a','progressDetail':{'current':-1,'total':'x'}}",
            "{'error':null}"
        }) {
            accept(message);
        }
        assertThat(progress).hasToString("0 of 1 layers, 0 of 0 MB");
        assertThat(progress.error()).contains("no reason was given");
    }

    private void accept(String message) {
        progress.accept(
                Json.createReader(new StringReader(message.replace('\'', '"'))).readObject());
    }
}

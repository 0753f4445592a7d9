#!/bin/bash
# Inspect: the frame of samples cuts prompts at 5,000 characters, so that lengths taken from it end at 5,150, however
# long the prompts are.
#
# Date      2026-12-01
# Packages  inspect_ai 0.3.285, pandas 3.1.1, pyarrow 26.0.1 (PyPI)
# Guess     samples_df(log)["input"] is the whole text. (An earlier look had raised the suspicion that it is not.)
# Behaviour The text has "user:" and line breaks added, and is cut at 5,000 characters with a notice at its end: prompts
#           of 25,000 and of 100,000 characters both have 5,150. No warning is given, and long texts are shown
#           abbreviated, so that the notice is not seen. A curve of score against length has all long prompts at one
#           length. The target is whole, and full=True gives the whole input.
# Output    samples_df: input 506 5150 5150, target 5000 5000 5000
#           samples_df, full=True: input 506 25006 100006
#           characters of the prompts: 500 25000 100000
# To do     Take prompt lengths in tokens from the log's output.usage, or ask for full=True and take the 6 added off.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  inspect_ai==0.3.285 pandas==3.1.1 pyarrow==26.0.1

cat >show.py <<'END'
from inspect_ai import Task, eval
from inspect_ai.analysis import samples_df
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match

prompts = ["word " * words for words in (100, 5_000, 20_000)]
outputs = []
for _ in prompts:
    outputs.append(ModelOutput.from_content("mockllm/model", "x"))
    outputs[-1].usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
samples = [Sample(id=number, input=prompt, target="x" * 5_000) for number, prompt in enumerate(prompts)]
model = get_model("mockllm/model", custom_outputs=outputs)
eval(Task(dataset=samples, scorer=match()), model=model, log_dir="logs", display="none")


def lengths(texts):
    return " ".join(str(len(text)) for text in texts)


frame = samples_df("logs", quiet=True).sort_values("id")
print(f"samples_df: input {lengths(frame['input'])}, target {lengths(frame['target'])}")
print("samples_df, full=True: input", lengths(samples_df("logs", full=True, quiet=True).sort_values("id")["input"]))
print("characters of the prompts:", lengths(prompts))
END

venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
samples_df: input 506 5150 5150, target 5000 5000 5000
samples_df, full=True: input 506 25006 100006
characters of the prompts: 500 25000 100000
END

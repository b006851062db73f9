// @ts-check
// What all pages share. Each module finds what it is for by data attributes, also in parts that come later.
import { announceParts } from "./parts.js";
import { copyButtons } from "./copy.js";
import { decisions } from "./decide.js";
import { keySwitch } from "./keys.js";
import { searchKeys } from "./search.js";
import { themeSwitch } from "./switch.js";

announceParts();
copyButtons();
decisions();
searchKeys();
keySwitch();
themeSwitch();

/* Reads the data that the program put into the page and draws it. */
import "./style.css";

const data = JSON.parse(document.getElementById("holdfast-data")?.textContent ?? "null");
const page = document.getElementById("page")!;
page.append(data?.summary?.headline ?? "This page holds no report.");

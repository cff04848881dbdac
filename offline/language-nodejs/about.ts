import { AboutResponse } from "@pulumi/pulumi/proto/language_pb";

/** What `pulumi about` says of the language host. */
export function about(): AboutResponse {
  const response = new AboutResponse().setExecutable(process.execPath).setVersion(process.version);
  response.getMetadataMap().set("languageHost", "nodeprep offline/language-nodejs");
  return response;
}

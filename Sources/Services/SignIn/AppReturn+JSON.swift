// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// How it stands in what browsers keep, encrypted.
extension AppReturn {
    /// Writes its members into the present object.
    func write(to json: inout JSONWriter) {
        json.member("redirect_uri", redirectURI)
        json.member("challenge", codeChallenge)
        if let state { json.member("app_state", state) }
        if let linkingUser { json.member("linking_user", linkingUser.description) }
    }

    /// Nil when `json` has no such members.
    init?(_ json: JSONValue) {
        guard let redirectURI = json["redirect_uri"]?.string, let challenge = json["challenge"]?.string else {
            return nil
        }
        self.init(
            redirectURI: redirectURI,
            codeChallenge: challenge,
            state: json["app_state"]?.string,
            linkingUser: json["linking_user"]?.string.flatMap { Identifier($0) }
        )
    }
}

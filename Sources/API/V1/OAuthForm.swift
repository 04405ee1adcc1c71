// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Schemas

/// The parameters of a request to an endpoint of OAuth (RFC 6749 section 3.2).
///
/// Unknown ones are overlooked, as that section wants it.
struct OAuthForm {
    private let values: [String: String]

    /// A parameter without a value counts as absent; one that stands twice is refused.
    static func read(_ fields: [(name: String, value: String)]) -> Result<OAuthForm, OAuthRefusal> {
        var values: [String: String] = [:]
        for (name, value) in fields where values.updateValue(value, forKey: name) != nil {
            return .failure(OAuthRefusal(.invalidRequest, "A parameter stands twice."))
        }
        return .success(OAuthForm(values: values.filter { !$0.value.isEmpty }))
    }

    subscript(name: String) -> String? { values[name] }
}

/// A refusal in the words of RFC 6749 section 5.2.
struct OAuthRefusal: Error {
    private let body: OAuthErrorResponse

    init(_ code: OAuthErrorResponse.Code, _ detail: String) {
        self.body = OAuthErrorResponse(code, detail)
    }

    var reply: Reply { Reply(status: .badRequest, contentType: .json, body: body.json) }
}

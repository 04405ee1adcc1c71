// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The media types of answers.
package enum ContentType: String, Sendable {
    case json = "application/json"
    case problem = "application/problem+json"
    case css = "text/css; charset=utf-8"
    case javaScript = "text/javascript; charset=utf-8"
    case png = "image/png"
    case html = "text/html; charset=utf-8"
    case jwkSet = "application/jwk-set+json"
}

//! Which error a status is, and what its message advises.

/// The name of the error class for an HTTP status that is not a success.
///
/// ```
/// # use purerouter::core::status::error_class;
/// assert_eq!(error_class(429), "RateLimitError");
/// assert_eq!(error_class(418), "APIError");
/// ```
#[must_use]
pub const fn error_class(status: u16) -> &'static str {
    match status {
        400 => "BadRequestError",
        401 => "AuthenticationError",
        403 => "PermissionDeniedError",
        404 => "NotFoundError",
        409 => "ConflictError",
        422 => "UnprocessableEntityError",
        429 => "RateLimitError",
        500.. => "InternalServerError",
        _ => "APIError",
    }
}

/// What a user can do about a status, for the end of a message; empty where the service's words must do.
#[must_use]
pub const fn advice(status: u16) -> &'static str {
    match status {
        401 => " Check the routerKey: it is missing, mistyped, expired or revoked.",
        404 => " Check the deployment's id and the baseUrl.",
        413 => " The request is larger than the service takes.",
        429 => " Send less, or wait: retryAfterMs says how long, where the service told.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_status() {
        let table = [
            (400, "BadRequestError"),
            (401, "AuthenticationError"),
            (403, "PermissionDeniedError"),
            (404, "NotFoundError"),
            (409, "ConflictError"),
            (422, "UnprocessableEntityError"),
            (429, "RateLimitError"),
            (500, "InternalServerError"),
            (599, "InternalServerError"),
            (402, "APIError"),
            (408, "APIError"),
        ];
        for (status, class) in table {
            assert_eq!(error_class(status), class);
        }
    }
}
